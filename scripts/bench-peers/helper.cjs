// `helper.cjs rs URI` makes a replica set of one mongod. `helper.cjs issuer PORT TOKENS
// IDS` is an OpenID issuer: it serves its key and writes into the folder TOKENS a staff
// token (staff) and a portal token of each customer of the file IDS (portal), as whole
// Authorization headers.
const fs = require('fs')

const commands = {
  async rs(uri) {
    const { MongoClient } = require('mongodb')
    const client = await new MongoClient(uri + '/?directConnection=true').connect()
    const admin = client.db('admin')
    await admin.command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: uri.replace('mongodb://', '') }] } })
    while (!(await admin.command({ hello: 1 })).isWritablePrimary) await new Promise(resolve => setTimeout(resolve, 50))
    await client.close()
  },
  async issuer(port, tokens, ids) {
    const crypto = require('crypto')
    const { privateKey, publicKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
    const key = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', use: 'sig', alg: 'RS256' }
    const part = o => Buffer.from(JSON.stringify(o)).toString('base64url')
    const now = Math.floor(Date.now() / 1000)
    const header = claims => {
      const body = part({ alg: 'RS256', typ: 'JWT', kid: 'bench' }) + '.' + part({ iat: now, exp: now + 12 * 3600, ...claims })
      return 'Bearer ' + body + '.' + crypto.sign('RSA-SHA256', Buffer.from(body), privateKey).toString('base64url')
    }
    const issuer = `http://127.0.0.1:${port}/`
    const portal = fs.readFileSync(ids, 'utf8').split('\n').filter(Boolean).map(id => header({ iss: issuer + 'portal/', aud: 'portal', sub: id, customer: id }))
    fs.writeFileSync(`${tokens}/portal`, portal.join('\n') + '\n')
    require('http').createServer((_, response) => response.end(JSON.stringify({ keys: [key] }))).listen(+port, '127.0.0.1', () => {
      fs.writeFileSync(`${tokens}/staff`, header({ iss: issuer, aud: 'bench', sub: 'bench', roles: ['ADMIN'] }))
    })
  },
}

const [command, ...args] = process.argv.slice(2)
commands[command](...args).catch(e => { console.error(e); process.exit(1) })
