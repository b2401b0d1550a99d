import { escapeHtml, html, type Html } from "./html";

export interface Invitation {
  team: string;
  invitedBy: string;
  message?: string;
  link: string;
}

export function inviteSubject(invitation: Invitation): string {
  return `${invitation.invitedBy} invites you to ${invitation.team}`;
}

export function inviteBody(invitation: Invitation): Html {
  const team = escapeHtml(invitation.team);
  const sender = escapeHtml(invitation.invitedBy);
  const message = invitation.message
    ? html`<blockquote>${escapeHtml(invitation.message)}</blockquote>`
    : "";
  return html`
    <p>${sender} has invited you to join <b>${team}</b>.</p>
    ${message}
    <p><a href="${invitation.link}">Accept the invitation</a></p>
  `;
}
