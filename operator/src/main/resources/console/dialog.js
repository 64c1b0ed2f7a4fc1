/** The dialog of an action: what it does, its kubectl line, whether the server would take it, and the confirmation. */

import {h, update} from './dom.js';
import {plural} from './format.js';

const AT_ONCE = 4;
const DRY_MOST = 1;

export class ActionDialog {
  #element;
  #open = null;

  /** @param said called with the result in a sentence, and whether it is a failure */
  constructor(element, api, said) {
    this.#element = element;
    this.api = api;
    this.said = said;
    element.onclose = () => this.#closed();
    element.onclick = (event) => {
      if (event.target === element) {
        element.close();
      }
    };
  }

  /**
   * Opens the dialog of an action.
   *
   * @param build makes the action of the values of the fields; called again when one changes
   * @param fields `{name, label, options?, value, hint?}`
   */
  open(build, fields = []) {
    const values = Object.fromEntries(fields.map((field) => [field.name, field.value ?? '']));
    this.#open = {build, fields, values, action: build(values), typed: '', dry: null, running: false, copied: false};
    this.#draw();
    this.#element.showModal();
    (this.#element.querySelector('input, select') ?? this.#element.querySelector('.confirm'))?.focus();
    this.#tryDry();
  }

  #closed() {
    this.#open = null;
    update(this.#element, []);
  }

  /** Asks whether the server would take it. Deletes are never tried: the server would delete. */
  async #tryDry() {
    const open = this.#open;
    const {action} = open;
    const first = action.requests().filter((request) => request.method === 'PATCH').slice(0, DRY_MOST);
    if (first.length === 0 || action.ready === false) {
      open.dry = null;
      this.#draw();
      return;
    }
    open.dry = {state: 'asking'};
    this.#draw();
    let answer = {state: 'taken'};
    for (const request of first) {
      try {
        await this.api.patch(request.path, request.body, {manager: request.manager, dry: true});
      } catch (error) {
        answer = {state: 'refused', message: error.message};
      }
    }
    if (this.#open === open && open.action === action) {
      open.dry = answer;
      this.#draw();
    }
  }

  #changed(name, value) {
    const open = this.#open;
    open.values[name] = value;
    open.action = open.build(open.values);
    this.#draw();
    clearTimeout(open.later);
    open.later = setTimeout(() => this.#open === open && this.#tryDry(), 300);
  }

  get #mayConfirm() {
    const {action, typed, dry, running} = this.#open;
    return !running && action.ready !== false && (action.type === undefined || typed === action.type) && dry?.state !== 'refused';
  }

  async #confirm(event) {
    event.preventDefault();
    if (!this.#open || !this.#mayConfirm) {
      return;
    }
    const open = this.#open;
    open.running = true;
    this.#draw();
    const requests = open.action.requests();
    const failures = [];
    let done = 0;
    const next = async () => {
      for (let request = requests.shift(); request; request = requests.shift()) {
        try {
          await this.#perform(request);
          done++;
        } catch (error) {
          failures.push(`${request.name}: ${error.message}`);
        }
      }
    };
    await Promise.all(Array.from({length: AT_ONCE}, next));
    open.running = false;
    if (failures.length === 0) {
      this.said(open.action.done, false);
      open.action.after?.();
      this.#element.close();
    } else {
      const message = `${done > 0 ? `${plural(done, 'object')} done. ` : ''}Refused: ${failures.slice(0, 5).join(' · ')}${failures.length > 5 ? ` and ${failures.length - 5} more` : ''}`;
      if (this.#open === open) {
        open.dry = {state: 'refused', message};
        this.#draw();
      } else {
        // The dialog was closed meanwhile, and the refusal must not go with it.
        this.said(message, true);
      }
    }
  }

  async #perform(request) {
    if (request.method === 'PATCH') {
      await this.api.patch(request.path, request.body, {manager: request.manager});
    } else {
      await this.api.delete(request.path, await this.api.uid(request.path));
    }
  }

  #draw() {
    const {action, fields, values, typed, dry, running, copied} = this.#open;
    const refused = dry?.state === 'refused';
    update(this.#element, h('form', {key: 'form', method: 'dialog', onsubmit: (event) => this.#confirm(event), 'aria-labelledby': 'dialog-title'},
      h('h2', {id: 'dialog-title'}, action.title),
      action.says.map((sentence) => h('p', null, sentence)),
      fields.map((field) => this.#field(field, values[field.name])),
      h('div', {key: 'line', class: 'line'},
        h('p', {class: 'faint'}, 'The same with kubectl'),
        h('pre', {tabindex: '0', 'aria-label': 'kubectl line'}, action.kubectl),
        h('button', {type: 'button', class: 'small', onclick: () => this.#copy(action.kubectl)}, copied ? 'Copied' : 'Copy')),
      action.type === undefined ? null : h('label', {key: 'type', class: 'field'}, `${action.typeLabel}: `, h('b', null, action.type),
        h('input', {name: 'typed', autocomplete: 'off', spellcheck: 'false', value: typed, oninput: (event) => {
          this.#open.typed = event.target.value;
          this.#draw();
        }})),
      h('p', {key: 'dry', role: 'status', class: `dry ${refused ? 'bad' : 'faint'}`}, dryWords(dry, running)),
      h('div', {key: 'buttons', class: 'buttons'},
        h('button', {type: 'button', onclick: () => this.#element.close()}, refused ? 'Close' : 'Leave it'),
        h('button', {type: 'submit', class: `confirm ${action.danger ? 'danger-fill' : 'primary'}`, disabled: !this.#mayConfirm}, action.verb))));
  }

  #field(field, value) {
    const input = field.options
      ? h('select', {name: field.name, onchange: (event) => this.#changed(field.name, event.target.value)},
        field.options.map(([each, label]) => h('option', {value: each, selected: each === value}, label)))
      : h('input', {name: field.name, value, autocomplete: 'off', placeholder: field.hint ?? null, oninput: (event) => this.#changed(field.name, event.target.value)});
    return h('label', {key: field.name, class: 'field'}, field.label, input);
  }

  async #copy(text) {
    const open = this.#open;
    try {
      await navigator.clipboard.writeText(text);
      open.copied = true;
    } catch {
      const line = this.#element.querySelector('pre');
      getSelection().selectAllChildren(line);
    }
    if (this.#open === open) {
      this.#draw();
    }
  }
}

function dryWords(dry, running) {
  if (running) {
    return 'Asking the server …';
  }
  return {asking: 'Asking the server whether it would take this …', taken: 'The server would take it.', refused: dry?.message}[dry?.state] ?? '';
}
