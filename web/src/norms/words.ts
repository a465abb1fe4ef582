// Rules and outcomes in words.

import type { CameraNorm, NormOutcome, NormRule } from "../api/client";

export function dayText(us: number): string {
  return new Date(us / 1000).toISOString().slice(0, 10);
}

/** A rule's id, and that it was not read at its source where it was not. */
export function ruleText(rule: string, unverified: boolean | null): string {
  return unverified === true ? `${rule} (unverified)` : rule;
}

/** What came of a rule, with its date where it has one. */
export function statusText(status: string, dueUs: number | null): string {
  const word = status.replaceAll("-", " ");
  return dueUs === null ? word : `${word} ${dayText(dueUs)}`;
}

export function unmetText(one: CameraNorm): string {
  return `${statusText(one.status, one.due_us)}: ${ruleText(one.rule, one.unverified)}`;
}

/** The worst that came of a rule, which is what its line is coloured by. */
export function worst(rule: NormRule): "breached" | "due" | "met" | "not-applicable" {
  if (rule.breached > 0) return "breached";
  if (rule.due > 0) return "due";
  return rule.met > 0 ? "met" : "not-applicable";
}

/** How many subjects a rule has by outcome, those that are none left out. */
export function countsText(rule: NormRule): string {
  const counts: [number, string][] = [
    [rule.breached, "breached"],
    [rule.due, "due"],
    [rule.met, "met"],
    [rule.not_applicable, "not applicable"],
  ];
  const said = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return said.join(", ");
}

export function subjectText(outcome: NormOutcome): string {
  return outcome.subject === outcome.scope ? outcome.scope : `${outcome.scope} ${outcome.subject}`;
}

/** The facts behind an outcome: a name and a value each. */
export function factsOf(outcome: NormOutcome): [string, string][] {
  return Object.entries(outcome.facts).map(([path, value]) => [
    path,
    Array.isArray(value) ? value.join(", ") || "none" : String(value ?? "none"),
  ]);
}
