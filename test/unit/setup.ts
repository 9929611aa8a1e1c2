// Files of one worker share their modules; each begins as if it were the first.
import { resetIdentifiers } from '../fakes/given-claim.ts';

resetIdentifiers();
