import { withInvitation, type CustomMessageEvent } from './mail.ts';

export const handler = (event: CustomMessageEvent): Promise<CustomMessageEvent> =>
  Promise.resolve(withInvitation(event));
