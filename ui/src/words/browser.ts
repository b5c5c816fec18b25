// What only the program's own window can do, told where the page is in a browser.

export const browser = {
  asks: {
    message: 'Your browser wants you to press play once more.',
    hint: 'It lets pages play sound only right after you press something.',
  },
  noGreeting: {
    message: 'Greetings play in Ringdesk’s own window only.',
    hint: 'Open Ringdesk on the computer it runs on, or hear it on your phone.',
  },
  noMicrophone: {
    message: 'Recording works in Ringdesk’s own window only.',
    hint: 'Open Ringdesk on the computer it runs on, or choose a sound file here.',
  },
  noSafe: {
    message: 'The password can be kept in Ringdesk’s own window only.',
    hint: 'Where Ringdesk runs without one, RINGDESK_SMTP_PASSWORD has it.',
  },
} as const;
