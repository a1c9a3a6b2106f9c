import type { DeviceChanges } from '@fieldline/protocol/browser';
import { useRef, useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import type { LiveDevice } from '../live/device.js';
import { FormDialog } from '../people/form-dialog.js';
import { manage } from '../strings/manage.js';
import { readTags, sameTags, writeTags } from './tag-lines.js';
import { troubleOf } from './trouble.js';

const { head, says, go, field: label, done, changed } = manage.tagsAsk;

interface TagsDialogProps {
  readonly device: LiveDevice;
  readonly change: (changes: DeviceChanges, said: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Asks for the tags of a device. They are replaced as a whole: what somebody else changes meanwhile is not undone. */
export function TagsDialog({ device, change, onClose }: TagsDialogProps) {
  const [opened] = useState(device.view.tags);
  // What somebody has seen before saving: what they opened with, then what they were told of.
  const seen = useRef(opened);
  const send = async (field: (name: string) => string) => {
    const tags = readTags(field('tags'));
    const now = await hub.device(device.id);
    device.refresh(now);
    if (!sameTags(now.tags, seen.current) && !sameTags(now.tags, tags)) {
      seen.current = now.tags;
      throw new Error(changed(writeTags(now.tags).replaceAll('\n', ', ')));
    }
    await change({ tags }, done);
  };
  return (
    <FormDialog {...{ send, onClose, troubleOf }} head={head(device.name)} go={go} says={says}>
      <label class="field">
        <span>{label}</span>
        <textarea class="in mono" name="tags" rows={5} spellcheck={false} defaultValue={writeTags(opened)} />
      </label>
    </FormDialog>
  );
}
