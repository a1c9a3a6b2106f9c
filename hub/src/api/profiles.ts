import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  loadProfile,
  MetricChanges,
  MetricName,
  PageQuery,
  type Profile,
  ProfileCheck,
  ProfileDraft,
  ProfileError,
  ProfileView,
  pageOf,
  RetypedMetric,
} from '@fieldline/protocol';
import { Type } from 'typebox';
import type { Devices } from '../devices/devices.js';
import { NO_PROFILE, type Retyping } from '../devices/retyping.js';
import { actorOf } from './guard.js';
import { paginate } from './paginate.js';
import { notFound, problems } from './problem.js';

export interface ProfileRouteDeps {
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly retyping: Pick<Retyping, 'of' | 'retype'>;
  readonly directory: Pick<Devices, 'hasMetric'>;
}

/** A draft has no file; nobody is told this name. */
const DRAFT = 'draft';

/** `/profiles`: what kinds of devices there are; each as its file says it, and what an admin has changed since. */
export const profileRoutes: FastifyPluginAsyncTypebox<ProfileRouteDeps> = async (app, deps) => {
  const { profiles, retyping, directory } = deps;

  app.get(
    '/profiles',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listProfiles',
        summary: 'Device profiles, by name',
        tags: ['profiles'],
        querystring: PageQuery,
        response: { 200: pageOf(ProfileView), ...problems({}) },
      },
    },
    async ({ query }) => {
      const names = [...profiles.keys()].sort().map((id) => ({ id }));
      const { items, next } = paginate(names, query);
      return { items: items.map(({ id }) => documentOf(id)), next };
    },
  );

  app.get(
    '/profiles/:name',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getProfile',
        summary: 'One device profile',
        description:
          '`default` stands for the devices without a profile: it has no metrics but `retyped` ones.',
        tags: ['profiles'],
        params: Type.Object({ name: Type.String() }),
        response: { 200: ProfileView, ...problems({ 404: 'No such profile' }) },
      },
    },
    async ({ params }) => documentOf(params.name),
  );

  app.post(
    '/profiles/validate',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'validateProfile',
        summary: 'What is wrong with a profile, and where',
        description:
          'Reads a profile as the start of the hub would. Nothing is kept: a profile comes into use as a file in the ' +
          'directory of profiles, at the next start.',
        tags: ['profiles'],
        body: ProfileDraft,
        response: { 200: ProfileCheck, ...problems({ 422: 'A body that makes no sense' }) },
      },
    },
    async ({ body }) => checkOf(body.yaml),
  );

  app.patch(
    '/profiles/:name/metrics/:metric',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'retypeMetric',
        summary: 'Give a metric another type',
        description:
          'Of all devices with the profile, or of those without one for `default`. It lasts, and wins over the ' +
          "profile's file and over what was learned. From now on values of the type before are rejected; those " +
          'that are stored stay in the history.',
        tags: ['profiles'],
        params: Type.Object({ name: Type.String(), metric: MetricName }),
        body: MetricChanges,
        response: {
          200: RetypedMetric,
          ...problems({
            404: 'Neither the profile nor a device of it has such a metric',
            422: 'A body that makes no sense',
          }),
        },
      },
    },
    async (request) => {
      const { name, metric } = request.params;
      if (!profiles.get(name)?.metrics.has(metric) && !directory.hasMetric(name, metric)) {
        throw notFound(`metric ${metric} of profile ${name}`);
      }
      return retyping.retype(name, metric, request.body.type, actorOf(request));
    },
  );

  function documentOf(name: string): ProfileView {
    const document =
      profiles.get(name)?.document ?? (name === NO_PROFILE ? { profile: name, metrics: {} } : null);
    if (document === null) throw notFound(`profile ${name}`);
    const retyped = [...retyping.of(name)].map(([metric, { type, fixedAt }]) => [metric, { type, fixedAt }]);
    return { ...document, retyped: Object.fromEntries(retyped) };
  }
};

function checkOf(yaml: string): ProfileCheck {
  try {
    return { profile: { ...loadProfile(yaml, DRAFT).document, retyped: {} }, problems: [] };
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    return { profile: null, problems: error.issues.map(({ file: _file, ...problem }) => problem) };
  }
}
