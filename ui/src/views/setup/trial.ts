// A practice text to oneself and what comes back: found in what the desk already tells.

import type { Call, TimelineItem } from '../../backend/generated/desk';

type Text = Extract<TimelineItem, { type: 'text' }>;

/** The text that was sent and the answers that came after it, oldest first. */
export function talk(timeline: TimelineItem[], sent: string): Text[] {
  const at = timeline.findIndex((item) => item.id === sent);
  if (at < 0) return [];
  return timeline
    .slice(at)
    .filter((item): item is Text => item.type === 'text' && (item.incoming || item.id === sent));
}

/** Whether somebody answered. */
export const isAnswered = (texts: Text[]) => texts.some(({ incoming }) => incoming);

/** The newest call that came in since an instant. */
export function newCall(calls: Call[], since: number): Call | null {
  return calls.find(({ incoming, at }) => incoming && at >= since) ?? null;
}
