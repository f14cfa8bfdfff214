/** Where the text of `kubectl logs` comes from: the kubelet of the Pod's node. */
export interface LogSource {
  /**
   * The log of a container, or why there is none. With `follow`, `onText` is called with what comes later until the
   * result's `stop`.
   */
  read(request: LogRequest): Promise<LogAnswer>;
}

export interface LogRequest {
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  readonly sinceSeconds: number | undefined;
  readonly limitBytes: number | undefined;
}

export type LogAnswer =
  | {
      readonly text: string;
      /** Only with `follow`: what comes later, until `stop` is called or `onEnd` was. */
      readonly follow?: (listener: { text(text: string): void; end(): void }) => {
        dispose(): void;
      };
    }
  | { readonly problem: string };
