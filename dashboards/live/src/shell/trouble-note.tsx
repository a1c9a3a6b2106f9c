import { Icon } from './icon.js';

/** Why something was not done, in words, where it was asked for; nothing while all is well. It is read out when it appears. */
export function TroubleNote({ trouble }: { trouble: string }) {
  return (
    <div role="alert">
      {trouble !== '' && (
        <div class="note is-alarm">
          <Icon name="failed" />
          <div>{trouble}</div>
        </div>
      )}
    </div>
  );
}
