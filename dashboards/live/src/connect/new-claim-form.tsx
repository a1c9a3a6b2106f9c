import { useEffect, useState } from 'preact/hooks';
import { hubClock } from '../api/client.js';
import * as hub from '../api/connect.js';
import { profiles as allProfiles } from '../api/hub.js';
import { claims as words } from '../strings/claims.js';
import { claimTrouble } from './claim-trouble.js';
import { SecretNote } from './secret-note.js';

const DAY_MS = 86_400_000;
const TERMS: Readonly<Record<keyof typeof words.terms, number>> = {
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
  year: 365 * DAY_MS,
};

/** Makes a claim key, and shows it once. */
export function NewClaimForm({ onMade }: { onMade: () => void }) {
  const [profiles, setProfiles] = useState<readonly { profile: string; title?: string | undefined }[]>([]);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const [key, setKey] = useState<string>();
  useEffect(() => {
    allProfiles().then(setProfiles, (error) => setTrouble(claimTrouble(error)));
  }, []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (busy || !(form instanceof HTMLFormElement)) return;
    const data = new FormData(form);
    const text = (field: string) => String(data.get(field) ?? '').trim();
    setBusy(true);
    setTrouble('');
    try {
      const { claim } = await hub.addClaim({
        profile: text('profile'),
        limit: Number(text('limit')),
        expiresAt: Math.round(hubClock.now()) + (TERMS[text('term') as keyof typeof TERMS] ?? DAY_MS),
        approval: data.has('approval'),
        ...(text('name') !== '' && { name: text('name') }),
      });
      form.reset();
      setKey(claim);
      onMade();
    } catch (error) {
      setTrouble(claimTrouble(error));
    }
    setBusy(false);
  };
  return (
    <form class="row wrap line-form" onSubmit={submit}>
      <label class="field">
        <span>{words.name}</span>
        <input class="in" name="name" maxLength={128} autocomplete="off" />
      </label>
      <label class="field">
        <span>{words.profile}</span>
        <select class="in" name="profile" required>
          {profiles.map(({ profile, title }) => (
            <option key={profile} value={profile}>
              {title ?? profile}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{words.count}</span>
        <input class="in" name="limit" type="number" min={1} max={100_000} defaultValue="1" required />
      </label>
      <label class="field">
        <span>{words.expires}</span>
        <select class="in" name="term">
          {(Object.keys(TERMS) as (keyof typeof TERMS)[]).map((term) => (
            <option key={term} value={term}>
              {words.terms[term]}
            </option>
          ))}
        </select>
      </label>
      <label class="row check">
        <input type="checkbox" class="box" name="approval" />
        <span>{words.approval}</span>
      </label>
      <button type="submit" class="btn" aria-busy={busy}>
        {busy ? words.busy : words.make}
      </button>
      <span class="err whole" role="alert">
        {trouble}
      </span>
      {key !== undefined && (
        <SecretNote says={words.made} secret={key} label={words.copyKey} short={words.copy} />
      )}
    </form>
  );
}
