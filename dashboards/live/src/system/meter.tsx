import type { ComponentChildren } from 'preact';
import { gradeOfShare } from './trouble.js';

interface MeterProps {
  readonly name: string;
  /** 0 to 1. */
  readonly share: number;
  readonly children: ComponentChildren;
}

/** How full something is: amber from 80 %, red from 95 %. */
export function Meter({ name, share, children }: MeterProps) {
  const grade = gradeOfShare(share);
  return (
    <div>
      <div class="row">
        <span>{name}</span>
        <span class="grow" />
        <span class={grade === 'well' ? '' : `is-${grade}`}>{children}</span>
      </div>
      <Bar share={share} look={`is-${grade}`} />
    </div>
  );
}

/** A bar of a share; what is more than nothing can be seen. */
export function Bar({ share, look = '' }: { share: number; look?: string }) {
  return (
    <span class={`meter ${look}`}>
      <i style={{ width: `${share > 0 ? Math.max(0.5, Math.min(1, share) * 100) : 0}%` }} />
    </span>
  );
}
