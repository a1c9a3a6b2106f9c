import type { ClaimView } from '@fieldline/protocol/browser';
import { useCallback } from 'preact/hooks';
import * as hub from '../api/connect.js';
import { PagedPanel } from '../device/paged-panel.js';
import { usePaged } from '../device/use-paged.js';
import { stamp } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { PeopleTable } from '../people/people-table.js';
import { RemoveButton } from '../people/remove-button.js';
import { Empty } from '../shell/empty.js';
import { claims as words } from '../strings/claims.js';
import { NewClaimForm } from './new-claim-form.js';

/** Keys by which many devices register themselves. */
export function ClaimsPanel() {
  const list = usePaged(useCallback((cursor?: string) => hub.claims(cursor), []));
  return (
    <PagedPanel
      title={words.title}
      says={words.says}
      list={list}
      empty={list.items.length === 0}
      whenEmpty={<Empty art="calm" head={words.emptyHead} body={words.emptyBody} />}
      foot={<NewClaimForm onMade={list.again} />}
    >
      <PeopleTable
        heads={[
          words.columns.name,
          words.columns.profile,
          words.columns.used,
          words.columns.lets,
          words.columns.expires,
          words.columns.by,
        ]}
      >
        {list.items.map((claim) => (
          <ClaimRow key={claim.id} claim={claim} onRevoked={list.again} />
        ))}
      </PeopleTable>
    </PagedPanel>
  );
}

function ClaimRow({ claim, onRevoked }: { claim: ClaimView; onRevoked: () => void }) {
  const { id, name, profile, idPrefix, used, limit, approval, expiresAt, createdBy } = claim;
  const called = name ?? `${idPrefix}…`;
  const isOver = expiresAt <= pulse.value;
  return (
    <tr>
      <td class="wrap-any">{called}</td>
      <td>{profile}</td>
      <td data-head={words.columns.used}>
        {words.of(used, limit)} {used >= limit && <span class="sub">{words.full}</span>}
      </td>
      <td class="sub" data-head={words.columns.lets}>
        {approval ? words.byApproval : words.byItself}
      </td>
      <td class="sub" data-head={words.columns.expires}>
        {isOver ? words.over : stamp(expiresAt)}
      </td>
      <td class="sub wide">{createdBy}</td>
      <td class="end">
        <RemoveButton
          name={called}
          head={words.revokeHead(called)}
          body={words.revokeBody}
          short={words.revoke}
          go={words.revokeGo}
          remove={() => hub.revokeClaim(id)}
          onRemoved={onRevoked}
        />
      </td>
    </tr>
  );
}
