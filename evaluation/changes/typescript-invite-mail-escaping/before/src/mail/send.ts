import { inviteBody, inviteSubject, type Invitation } from "./invite";

export interface Transport {
  send(message: { to: string; subject: string; html: string }): Promise<void>;
}

/** The link is made by us, see links.ts. */
export async function sendInvitation(transport: Transport, to: string, invitation: Invitation): Promise<void> {
  await transport.send({
    to,
    subject: inviteSubject(invitation),
    html: inviteBody(invitation).toString(),
  });
}
