/** The page that explains reasons and keys. */

import {h} from './dom.js';
import {REASONS} from './reasons.js';

const KEYS = [['/', 'to the filter'], ['j, k', 'down and up the rows'], ['Enter', 'open the row'], ['u', 'up, to where this belongs'], ['t', 'theme: light or dark'], ['?', 'this page'], ['Esc', 'close a dialog']];

export class HelpPage {
  title = 'Help';

  constructor(page, [reason = '']) {
    this.reason = reason;
  }

  start() {}

  stop() {}

  get state() {
    return {phase: 'live'};
  }

  /** Shows the section that the address names. */
  shown() {
    document.getElementById(`reason-${this.reason}`)?.scrollIntoView({block: 'center'});
  }

  render() {
    return [h('div', {class: 'head'}, h('h1', null, 'Help')),
      h('section', {class: 'card', 'aria-labelledby': 'reasons-title'}, h('h2', {id: 'reasons-title'}, 'Reasons, and what to do'),
        h('dl', {class: 'reasons'}, Object.entries(REASONS).flatMap(([reason, [meaning, remedy]]) => [
          h('dt', {id: `reason-${reason}`, class: reason === this.reason ? 'chosen' : ''}, reason),
          h('dd', {class: reason === this.reason ? 'chosen' : ''}, meaning, ' ', h('b', null, remedy))]))),
      h('section', {class: 'card', 'aria-labelledby': 'keys-title'}, h('h2', {id: 'keys-title'}, 'Keys'),
        h('dl', {class: 'pairs'}, KEYS.flatMap(([key, does]) => [h('dt', null, h('kbd', null, key)), h('dd', null, does)]))),
      h('p', {class: 'faint'}, 'The pages docs/troubleshooting.md and docs/waiting.md of the project say more about each reason.')];
  }
}
