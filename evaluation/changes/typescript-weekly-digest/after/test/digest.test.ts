import assert from "node:assert/strict";
import { test } from "node:test";
import { digestMail } from "../src/alerts/digest";
import { weeklyDigest } from "../src/alerts/jobs";
import type { Mail } from "../src/alerts/mail";
import type { Alert } from "../src/alerts/types";

const NOW = new Date("2024-03-11T07:00:00Z");

function alert(id: string, over: Partial<Alert> = {}): Alert {
  return { id, service: "api", severity: "low", text: "slow", openedAt: NOW, ...over };
}

test("critical alerts come first, then the older ones", () => {
  const mail = digestMail(
    "ops@example.org",
    [
      alert("a", { text: "young" }),
      alert("b", { text: "old", openedAt: new Date("2024-03-09T07:00:00Z") }),
      alert("c", { text: "down", severity: "critical", openedAt: new Date("2024-03-10T07:00:00Z") }),
    ],
    NOW,
  );
  assert.equal(mail.subject, "3 open alerts");
  assert.deepEqual(mail.text.split("\n"), [
    "critical api: down (1 day)",
    "low      api: old (2 days)",
    "low      api: young (today)",
    "",
  ]);
});

test("goes only to those who get no single mails", async () => {
  const sent: Mail[] = [];
  const count = await weeklyDigest(
    {
      openAlerts: async () => [alert("a")],
      subscribers: async () => [
        { mail: "one@example.org", everyAlert: true },
        { mail: "two@example.org", everyAlert: false },
      ],
      send: async (mail) => void sent.push(mail),
      closeOpenedBefore: async () => 0,
    },
    NOW,
  );
  assert.equal(count, 1);
  assert.deepEqual(sent.map((mail) => mail.to), ["two@example.org"]);
  assert.equal(sent[0].subject, "1 open alert");
});
