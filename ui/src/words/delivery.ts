// How far a text got, in words and with a sign; never by colour alone.

import { words } from './en';

export type Sign = 'clock' | 'check' | 'checks' | 'alert' | 'unsure' | 'info';

export interface Delivery {
  word: string;
  sign: Sign;
}

/** What to say about a text of ours with this status. */
export function delivery(status: string): Delivery {
  const said = words.delivery;
  switch (status) {
    case 'held':
      return { word: said.waiting, sign: 'clock' };
    case 'waiting':
    case 'accepted':
    case 'scheduled':
    case 'queued':
    case 'sending':
      return { word: said.sending, sign: 'clock' };
    case 'sent':
    case 'partially_delivered':
      return { word: said.sent, sign: 'check' };
    case 'delivered':
      return { word: said.delivered, sign: 'checks' };
    case 'read':
      return { word: said.read, sign: 'checks' };
    case 'send_unknown':
      return { word: said.unsure, sign: 'unsure' };
    case 'failed':
    case 'undelivered':
    case 'canceled':
      return { word: said.failed, sign: 'alert' };
    default:
      return { word: said.other(status), sign: 'info' };
  }
}
