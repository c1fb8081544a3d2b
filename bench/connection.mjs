import net from 'node:net';

/** The sender of the real webhooks waits ten seconds for an answer. */
const ANSWER_WITHIN_MS = 10_000;

/**
 * One kept-alive HTTP/1.1 connection with one request out at a time. Written on a bare socket, because the load generator
 * shares its cores with what it measures.
 */
export class Connection {
  #socket;
  #answered;
  #received = '';
  #timer;

  constructor({ hostname, port }) {
    this.address = { host: hostname, port: Number(port) };
  }

  /** Resolves with the status, or 0 where no whole answer came: then nobody knows whether the event was taken. */
  post(request) {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#timer = setTimeout(() => this.#fail(), ANSWER_WITHIN_MS);
      if (!this.#socket) this.#open();
      this.#socket.write(request);
    });
  }

  close() {
    this.#socket?.destroy();
  }

  #open() {
    const socket = net.connect({ ...this.address, noDelay: true });
    socket.setEncoding('latin1');
    socket.on('data', (text) => this.#receive(text));
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket === socket) this.#fail();
    });
    this.#socket = socket;
  }

  #receive(text) {
    this.#received += text;
    const head = this.#received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#received)?.[1];
    if (this.#received.length < head + 4 + Number(length ?? 0)) return;
    const status = Number(this.#received.slice(9, 12));
    const closes = /\r\nconnection: *close/i.test(this.#received.slice(0, head));
    this.#received = '';
    if (closes) this.#drop();
    this.#settle(status);
  }

  #fail() {
    this.#drop();
    this.#settle(0);
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#received = '';
    socket?.destroy();
  }

  #settle(status) {
    clearTimeout(this.#timer);
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(status);
  }
}
