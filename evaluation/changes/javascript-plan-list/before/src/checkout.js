import { findPlan, planFor } from "./plans.js";

/** What a team pays next month; it moves up by itself when it has grown. */
export function nextInvoice(team) {
  const booked = findPlan(team.plan);
  if (!booked) {
    throw new Error(`team ${team.id} has the unknown plan ${team.plan}`);
  }
  const plan = team.members > booked.seats ? planFor(team.members) : booked;
  if (!plan) {
    throw new Error(`no plan has ${team.members} seats`);
  }
  return { team: team.id, plan: plan.id, cents: plan.cents };
}
