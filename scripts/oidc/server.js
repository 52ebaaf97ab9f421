// A real OpenID Connect provider for tests, on 127.0.0.1. It prints one line of
// JSON, {"issuer", "clientSecret"}, and ends when its standard input does.
//
// Clients: "service" (client credentials; the secret is fresh at each start), and
// "portal" (authorization code with PKCE, no secret, redirects to
// http://127.0.0.1/callback). Whoever logs in is "alice". Resources, whose access
// tokens are JWTs: urn:gateway:RS256, :PS256, :ES256 and :EdDSA, signed so, all with
// the audience "gateway". Without a resource access tokens are opaque.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { errors, Provider } from 'oidc-provider';

const key = (algorithm, type, options) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }),
  kid: randomBytes(8).toString('hex'),
  alg: algorithm,
  use: 'sig',
});
const clientSecret = randomBytes(32).toString('base64url');
const resource = /^urn:gateway:(RS256|PS256|ES256|EdDSA)$/;

const settings = {
  jwks: {
    keys: [
      key('RS256', 'rsa', { modulusLength: 2048 }),
      key('PS256', 'rsa', { modulusLength: 2048 }),
      key('ES256', 'ec', { namedCurve: 'P-256' }),
      key('EdDSA', 'ed25519'),
    ],
  },
  clients: [
    {
      client_id: 'service', client_secret: clientSecret, grant_types: ['client_credentials'],
      redirect_uris: [], response_types: [],
    },
    {
      client_id: 'portal', application_type: 'native', token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'], response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/callback'],
    },
  ],
  cookies: { keys: [randomBytes(32).toString('hex')] },
  claims: { openid: ['sub'], profile: ['roles', 'email'] },
  conformIdTokenClaims: false,
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, roles: ['boss'], email: 'alice@example.com' }),
  }),
  extraTokenClaims: () => ({ realm_access: { roles: ['offline_access', 'helpdesk'] } }),
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  ttl: { AccessToken: 600, ClientCredentials: 600, IdToken: 600 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      useGrantedResource: () => true,
      getResourceServerInfo(ctx, indicator) {
        const match = resource.exec(indicator);
        if (!match) throw new errors.InvalidTarget();
        return {
          scope: 'read', audience: 'gateway', accessTokenFormat: 'jwt', accessTokenTTL: 600,
          jwt: { sign: { alg: match[1] } },
        };
      },
    },
  },
};

// interact logs alice in and agrees to whatever is asked.
async function interact(provider, request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: 'alice' } });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope('openid profile');
  for (const indicator of [params.resource ?? []].flat()) grant.addResourceScope(indicator, 'read');
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}

let handle;
const server = createServer((request, response) => handle(request, response));
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, settings);
  const callback = provider.callback();
  handle = (request, response) => {
    if (!request.url.startsWith('/interaction/')) return callback(request, response);
    return interact(provider, request, response).catch((error) => response.writeHead(500).end(error.message));
  };
  process.stdout.write(`${JSON.stringify({ issuer, clientSecret })}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
