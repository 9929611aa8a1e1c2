import type { User } from '../api/client.ts';
import { Choice } from '../ui/choice.tsx';

export type Role = User['role'];

/** The roles, the strongest first, with what each may do. */
export const roleTexts: Readonly<Record<Role, string>> = {
  owner: 'Owner: everything, people too',
  admin: 'Admin: everything but people',
  member: 'Member: domains, mail and webhooks',
  viewer: 'Viewer: reads domains and mail',
};

/** A choice of a role. */
export function RoleChoice({
  label,
  chosen,
  onChoose,
}: {
  readonly label: string;
  readonly chosen: Role;
  readonly onChoose: (role: Role) => void;
}) {
  return <Choice label={label} options={roleTexts} chosen={chosen} onChoose={onChoose} />;
}
