import { connect, createServer, type Server, type Socket } from "node:net";

/** A connection to a server that can be cut: a plain relay of what both sides send. */
export class Cable {
  /** Called with what a client sends, as it is on the wire. */
  onRequest: (text: string) => void = () => {};
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #cut = false;

  private constructor(target: URL) {
    const port = Number(target.port);
    this.#server = createServer((client) => {
      if (this.#cut) {
        client.destroy();
        return;
      }
      const server = connect(port, target.hostname);
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on("error", () => socket.destroy());
        socket.on("close", () => {
          this.#sockets.delete(socket);
          client.destroy();
          server.destroy();
        });
      }
      client.on("data", (bytes: Buffer) => {
        this.onRequest(bytes.toString("latin1"));
        if (!server.destroyed) server.write(bytes);
      });
      server.pipe(client);
    });
  }

  /** `target`: the URL of a server; its path is of no concern. */
  static async to(target: string): Promise<Cable> {
    const cable = new Cable(new URL(target));
    await new Promise<void>((resolve) => cable.#server.listen(0, "127.0.0.1", resolve));
    return cable;
  }

  /** `127.0.0.1:PORT`, in place of the server's own. */
  get host(): string {
    const at = this.#server.address();
    return `127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`;
  }

  /** From now on nothing gets through, and what was on its way is lost. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
