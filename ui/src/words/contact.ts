// Words of what is known of a customer.

export const contact = {
  title: 'Contact',
  close: 'Close',
  name: 'Name',
  addName: 'Add a name',
  rename: 'Edit name',
  save: 'Save name',
  copy: 'Copy number',
  copied: 'Number copied',
  texts: 'Texts',
  /** Of somebody with several numbers: what is said holds for this one. */
  textsTo: (number: string) => `Texts to ${number}`,
  optOutQuestion: (number: string) =>
    `No more texts to ${number}? Ringdesk then sends none to it from any of your lines. You can take it back.`,
  consent: {
    given: 'Happy to get texts',
    opted_out: 'Opted out of texts',
    unknown: 'Has not texted you yet',
  } as Record<string, string>,
  since: (what: string, when: string) => (/[.?!]$/.test(what) ? `${what} · ${when}` : `${what}, ${when}.`),
  seeRecord: 'See record',
  hideRecord: 'Hide record',
  assigned: 'Assigned to',
  nobody: 'Nobody',
  tags: 'Tags',
  newTag: 'Add a tag',
  removeTag: (tag: string) => `Remove the tag ${tag}`,
  tagRemoved: (tag: string) => `The tag ${tag} is removed.`,
  notes: 'Notes',
  notesHint: 'Address, gate code, what they like. Customers never see this.',
  notesUnsaved: 'These notes aren’t saved yet.',
  saveNotes: 'Save notes',
  /** Where others are stored than those that were written over. */
  notesSince: (notes: string) =>
    notes === '' ? 'They were emptied since then.' : `Saved since then: ${notes}`,
  numbers: 'Numbers',
  newNumber: 'Add another number',
  removeNumber: (number: string) => `Remove ${number}`,
  numberRemoved: (number: string) => `${number} is no longer theirs.`,
  thisNumber: 'this conversation',
  openNumber: 'open the conversation',
  calls: 'Past calls',
  noCalls: 'No calls yet.',
  keeping: 'Keeping',
  hold: 'Keep everything of this conversation',
  holdHint: 'Nothing of it is deleted by age, whatever the settings say.',
} as const;
