// Words of the practice phone.

export const phone = {
  title: 'Practice phone',
  open: 'Open the practice phone',
  close: 'Put the practice phone away',
  hint: 'Be your own customer. Nothing leaves this computer.',
  who: 'Whose phone',
  people: {
    '+14155550176': 'Marcus, a regular',
    '+14155550123': 'Priya, new here',
    '+14155530003': 'Joel, phone is off',
    '+14155550161': 'Helen, rather calls',
  } as Record<string, string>,
  empty: 'No texts yet. Ask if they are open today.',
  placeholder: 'Text the business',
  send: 'Send from the practice phone',
  call: 'Call',
  message: 'Leave a message',
  photo: 'Photo',
  stop: 'STOP',
  start: 'START',
} as const;
