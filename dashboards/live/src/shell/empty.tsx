import type { ComponentChildren } from 'preact';

const ART = {
  /** Lines that wait for a point to meet in. */
  waiting: (
    <>
      <path d="M4 10h26c16 0 14 9 28 9M4 24h48M4 38h26c16 0 14-9 28-9M116 10H90c-16 0-14 9-28 9M116 24H68M116 38H90c-16 0-14-9-28-9" />
      <circle cx="60" cy="24" r="5" stroke-dasharray="2.5 2.5" />
    </>
  ),
  /** A search that met nothing. */
  nothing: (
    <>
      <path d="M0 10h120M0 24h44M76 24h44M0 38h120" />
      <circle cx="60" cy="24" r="9" stroke-dasharray="3 3" />
    </>
  ),
  /** Calm lines. */
  calm: <path d="M4 10h112M4 24h112M4 38h112" />,
} as const;

interface EmptyProps {
  readonly art: keyof typeof ART;
  readonly head: string;
  readonly body: string;
  readonly children?: ComponentChildren;
}

/** An empty place says what will appear in it, and how. */
export function Empty({ art, head, body, children }: EmptyProps) {
  return (
    <div class="empty">
      <svg
        class="art"
        viewBox="0 0 120 48"
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        aria-hidden="true"
      >
        {ART[art]}
      </svg>
      <h3>{head}</h3>
      <p>{body}</p>
      {children}
    </div>
  );
}
