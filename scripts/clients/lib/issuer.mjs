// An OpenID Connect provider's part that the gateway needs: keys at an address, and
// tokens signed with them.
import { createServer } from 'node:http';
import { generateKeyPairSync, sign } from 'node:crypto';

/** issuer starts one on a free port and gives the gateway's settings for it, {settings, token, stop}. */
export async function issuer() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' };
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const origin = `http://127.0.0.1:${server.address().port}`;
  const common = { audience: 'clients', jwks_url: `${origin}/jwks` };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    settings: [
      { ...common, name: 'staff', issuer: `${origin}/staff`, principal: 'staff', roles_claim: 'roles', role_map: { SUPPORT: 'SUPPORT', ANALYST: 'ANALYST', ADMIN: 'ADMIN' } },
      { ...common, name: 'portal', issuer: `${origin}/portal`, principal: 'customer', customer_claim: 'customer' },
    ],
    /** token returns an Authorization header with claims; kind is staff or portal. */
    token(kind, claims) {
      const now = Math.floor(Date.now() / 1000);
      const text = `${part({ alg: 'ES256', kid: 'k', typ: 'JWT' })}.${part({ iss: `${origin}/${kind}`, aud: 'clients', sub: 'somebody', iat: now, exp: now + 3600, ...claims })}`;
      return `Bearer ${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    },
    stop: () => server.close(),
  };
}
