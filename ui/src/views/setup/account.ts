// What is typed to connect an account: hints only, Twilio alone says whether it is right.

/** What was pasted, without the spaces and line breaks that come along. */
export const bare = (typed: string) => typed.replace(/\s/g, '');

/** Whether it looks like one of Twilio's ids: two letters and 32 hexadecimal digits. */
export const looksLike = (kind: 'AC' | 'SK', typed: string) =>
  new RegExp(`^${kind}[0-9a-f]{32}$`, 'i').test(bare(typed));
