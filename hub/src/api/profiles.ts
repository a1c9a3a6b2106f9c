import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { PageQuery, ProfileDocument, pageOf } from '@fieldline/protocol';
import { Type } from 'typebox';
import { paginate } from './paginate.js';
import { notFound, problems } from './problem.js';

export interface ProfileRouteDeps {
  readonly profiles: ReadonlyMap<string, { readonly document: ProfileDocument }>;
}

/** `/profiles`: what kinds of devices there are; each as its file says it. */
export const profileRoutes: FastifyPluginAsyncTypebox<ProfileRouteDeps> = async (app, { profiles }) => {
  app.get(
    '/profiles',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listProfiles',
        summary: 'Device profiles, by name',
        tags: ['profiles'],
        querystring: PageQuery,
        response: { 200: pageOf(ProfileDocument), ...problems({}) },
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
        tags: ['profiles'],
        params: Type.Object({ name: Type.String() }),
        response: { 200: ProfileDocument, ...problems({ 404: 'No such profile' }) },
      },
    },
    async ({ params }) => documentOf(params.name),
  );

  function documentOf(name: string): ProfileDocument {
    const profile = profiles.get(name);
    if (profile === undefined) throw notFound(`profile ${name}`);
    return profile.document;
  }
};
