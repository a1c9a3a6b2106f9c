import type { DeviceChanges } from '@fieldline/protocol/browser';
import { useState } from 'preact/hooks';
import * as hub from '../api/manage.js';
import { may } from '../command/permit.js';
import type { LiveDevice } from '../live/device.js';
import { FormDialog } from '../people/form-dialog.js';
import { Icon } from '../shell/icon.js';
import { Menu, type MenuItem } from '../shell/menu.js';
import { go } from '../shell/navigation.js';
import { fleetHref } from '../shell/route.js';
import { role } from '../shell/session.js';
import { toast } from '../shell/toast.js';
import { manage as words } from '../strings/manage.js';
import { DeedDialog } from './deed-dialog.js';
import { TagsDialog } from './tags-dialog.js';
import { TokensDialog } from './tokens-dialog.js';
import { troubleOf } from './trouble.js';

type Deed = 'rename' | 'tags' | 'tokens' | 'disable' | 'enable' | 'remove';

/** What is done to a device itself, and seldom. Nothing for those who may do none of it. */
export function MoreMenu({ device }: { device: LiveDevice }) {
  const [deed, setDeed] = useState<Deed>();
  const isAdmin = may(role(), 'admin');
  if (!may(role(), 'operator')) return null;
  const { view } = device;
  const item = (name: Deed, icon: MenuItem['icon']): MenuItem => ({
    name: words[name],
    icon,
    run: () => setDeed(name),
  });
  const items = [
    item('rename', 'edit'),
    item('tags', 'tag'),
    ...(isAdmin ? [item('tokens', 'key')] : []),
    view.disabled ? item('enable', 'check') : item('disable', 'lock'),
    ...(isAdmin ? [item('remove', 'x')] : []),
  ];
  return (
    <>
      <Menu
        label={words.label(device.name)}
        items={items}
        button="btn sq"
        name={isAdmin ? words.more : words.moreForOperators}
      >
        <Icon name="more" />
      </Menu>
      {deed && <Asked deed={deed} device={device} onClose={() => setDeed(undefined)} />}
    </>
  );
}

/** The dialog of what was chosen. */
function Asked({ deed, device, onClose }: { deed: Deed; device: LiveDevice; onClose: () => void }) {
  const { id, name, view } = device;
  const change = async (changes: DeviceChanges, said: string) => {
    device.refresh(await hub.changeDevice(id, changes));
    onClose();
    toast(said, 'check');
  };
  if (deed === 'tokens') return <TokensDialog device={device} onClose={onClose} />;
  if (deed === 'rename') {
    const { head, says, go: verb, name: label, done } = words.renameAsk;
    const send = (field: (name: string) => string) => {
      const wanted = field('name').trim();
      return change({ name: wanted === '' ? null : wanted }, done(wanted === '' ? id : wanted));
    };
    return (
      <FormDialog {...{ send, onClose, troubleOf }} head={head(id)} go={verb} says={says}>
        <label class="field">
          <span>{label}</span>
          <input class="in" name="name" maxLength={128} defaultValue={view.name ?? ''} autocomplete="off" />
        </label>
      </FormDialog>
    );
  }
  if (deed === 'tags') return <TagsDialog device={device} change={change} onClose={onClose} />;
  if (deed === 'remove') {
    const { head, body, go: verb, done } = words.removeAsk;
    const run = async () => {
      await hub.removeDevice(id);
      go(fleetHref());
      toast(done(name), 'check');
    };
    return <DeedDialog head={head(name)} body={body(id)} go={verb} danger run={run} onClose={onClose} />;
  }
  const { head, body, go: verb, done } = words[`${deed}Ask`];
  const run = () => change({ disabled: deed === 'disable' }, done(name));
  return <DeedDialog head={head(name)} body={body} go={verb} run={run} onClose={onClose} />;
}
