// Drives the vendor's JavaScript clients against a local cloud, which the environment
// names, and prints one line of JSON for each check: {client, check, error}.
const assert = require('node:assert')
const fs = require('node:fs')
const OSS = require('ali-oss')
const RPC = require('@alicloud/pop-core').RPCClient
const vpc = require('@alicloud/vpc20160428')
const { Config } = require('@alicloud/openapi-core').$OpenApiUtil

const env = process.env
const bucket = env.BUCKET
const key = { accessKeyId: env.OSS_ACCESS_KEY_ID, accessKeySecret: env.OSS_ACCESS_KEY_SECRET }
const server = env.SERVER
const gateway = env.GATEWAY
const region = 'cn-hangzhou'

async function check(client, name, does) {
  let error = ''
  try {
    await does()
  } catch (e) {
    error = String((e && (e.stack || e.message)) || e).split('\n').slice(0, 3).join(' | ')
  }
  console.log(JSON.stringify({ client, check: name, error }))
}

// refused runs what has to be refused with a code.
async function refused(code, does) {
  let got = 'nothing'
  try {
    await does()
  } catch (e) {
    got = `${e.code} ${e.status || ''} ${e.message}`
  }
  assert.ok(got.includes(code), `refused with ${got}, want ${code}`)
}

async function ossChecks(client, options, signsURL) {
  const store = new OSS({ ...key, bucket, region: 'oss-' + region, endpoint: env.OSS_ENDPOINT, ...options })
  const dir = client.replace(/\W/g, '') + '/'
  const run = (name, does) => check(client, name, does)
  await run('list buckets', async () => {
    const res = await store.listBuckets()
    assert.ok(res.buckets.some((b) => b.name === bucket))
    assert.ok(res.owner.id)
  })
  await run('bucket info and location', async () => {
    assert.equal((await store.getBucketInfo(bucket)).bucket.Name, bucket)
    assert.equal((await store.getBucketLocation(bucket)).location, 'oss-' + region)
  })
  await run('put, get and head with headers', async () => {
    await store.put(dir + '中 文+%.txt', Buffer.from('hello'), { mime: 'text/plain', meta: { by: 'mei' }, headers: { 'Cache-Control': 'no-cache', 'Content-Disposition': 'inline' } })
    const got = await store.get(dir + '中 文+%.txt')
    assert.equal(got.content.toString(), 'hello')
    const head = await store.head(dir + '中 文+%.txt')
    assert.equal(head.meta.by, 'mei')
    assert.equal(head.res.headers['cache-control'], 'no-cache')
    assert.equal(head.res.headers['x-oss-storage-class'], 'Standard')
  })
  await run('create-only writes', async () => {
    const headers = { 'x-oss-forbid-overwrite': 'true' }
    await store.put(dir + 'once', Buffer.from('1'), { headers })
    await refused('FileAlreadyExists', () => store.put(dir + 'once', Buffer.from('2'), { headers }))
    assert.equal((await store.get(dir + 'once')).content.toString(), '1')
  })
  await run('a race of 16 create-only writes', async () => {
    const writes = Array.from({ length: 16 }, (_, n) => store.put(dir + 'race', Buffer.from(String(n)), { headers: { 'x-oss-forbid-overwrite': 'true' } }).then(() => n, () => -1))
    const won = (await Promise.all(writes)).filter((n) => n >= 0)
    assert.equal(won.length, 1)
    assert.equal((await store.get(dir + 'race')).content.toString(), String(won[0]))
  })
  await run('list with owners', async () => {
    const res = await store.list({ prefix: dir, 'max-keys': 1 })
    assert.equal(res.objects.length, 1)
    assert.ok(res.isTruncated && res.objects[0].owner.id)
  })
  await run('list, version 2', async () => {
    const first = await store.listV2({ prefix: dir, 'max-keys': 2, 'fetch-owner': true })
    assert.ok(first.isTruncated && first.objects[0].owner.id)
    const rest = await store.listV2({ prefix: dir, 'continuation-token': first.nextContinuationToken, 'max-keys': 100 })
    assert.equal(first.objects.length + rest.objects.length, 3)
    const folded = await store.listV2({ delimiter: '/' })
    assert.ok(folded.prefixes.includes(dir))
  })
  await run('copy', async () => {
    await store.copy(dir + 'copy', dir + 'once')
    assert.equal((await store.get(dir + 'copy')).content.toString(), '1')
  })
  await run('append', async () => {
    const first = await store.append(dir + 'log', Buffer.from('a'))
    await store.append(dir + 'log', Buffer.from('b'), { position: first.nextAppendPosition })
    assert.equal((await store.get(dir + 'log')).content.toString(), 'ab')
  })
  await run('ranges and conditions', async () => {
    assert.equal((await store.get(dir + 'log', { headers: { Range: 'bytes=1-1' } })).content.toString(), 'b')
    await refused('PreconditionFailed', () => store.get(dir + 'log', { headers: { 'If-Match': 'other' } }))
  })
  await run('tags', async () => {
    await store.putObjectTagging(dir + 'once', { team: 'net' })
    assert.deepEqual((await store.getObjectTagging(dir + 'once')).tag, { team: 'net' })
    await store.deleteObjectTagging(dir + 'once')
    assert.deepEqual((await store.getObjectTagging(dir + 'once')).tag, {})
  })
  await run('object meta and streams', async () => {
    const meta = await store.getObjectMeta(dir + 'once')
    assert.equal(meta.res.headers['content-length'], '1')
    const { stream } = await store.getStream(dir + 'once')
    const parts = []
    for await (const part of stream) parts.push(part)
    assert.equal(Buffer.concat(parts).toString(), '1')
  })
  await run('multipart upload', async () => {
    const file = dir.replace('/', '') + '.bin'
    fs.writeFileSync(file, Buffer.alloc(350 << 10, 'x'))
    const res = await store.multipartUpload(dir + 'big', file, { partSize: 100 << 10, parallel: 2 })
    assert.ok(res.etag.endsWith('-4"') || res.etag.endsWith('-4'), res.etag)
    assert.equal((await store.get(dir + 'big')).content.length, 350 << 10)
  })
  await run('uploads are listed and aborted', async () => {
    const { uploadId } = await store.initMultipartUpload(dir + 'never')
    await store.uploadPart(dir + 'never', uploadId, 1, dir.replace('/', '') + '.bin', 0, 102400)
    assert.equal((await store.listParts(dir + 'never', uploadId)).parts.PartNumber || (await store.listParts(dir + 'never', uploadId)).parts[0].PartNumber, '1')
    const listed = await store.listUploads({ prefix: dir, 'max-uploads': 10 })
    assert.equal(listed.uploads.length, 1)
    await store.abortMultipartUpload(dir + 'never', uploadId)
    assert.equal(((await store.listUploads({ prefix: dir, 'max-uploads': 10 })).uploads || []).length, 0)
  })
  await run('signed URLs', async () => {
    const host = new OSS({ ...key, bucket, region: 'oss-' + region, endpoint: env.OSS_ENDPOINT.replace('127.0.0.1', 'localhost'), ...options })
    const url = await signsURL(host, dir + 'once')
    // The name of the bucket's host needs no resolver: the request goes to the address.
    const port = new URL(env.OSS_ENDPOINT).port
    const { hostname, pathname, search } = new URL(url)
    const body = await new Promise((resolve, reject) => {
      require('node:http').get({ host: '127.0.0.1', port, path: pathname + search, headers: { host: hostname + ':' + port } }, (res) => {
        let text = ''
        res.on('data', (d) => { text += d }).on('end', () => resolve(res.statusCode + ' ' + text))
      }).on('error', reject)
    })
    assert.equal(body, '200 1')
  })
  await run('a form upload', async () => {
    const policy = { expiration: new Date(Date.now() + 60000).toISOString(), conditions: [{ bucket }, ['starts-with', '$key', dir]] }
    const form = new FormData()
    form.append('key', dir + 'form')
    if (options.authorizationV4) {
      const date = new Date()
      const stamp = date.toISOString().replace(/[-:]|\.\d+/g, '')
      const credential = `${key.accessKeyId}/${stamp.slice(0, 8)}/${region}/oss/aliyun_v4_request`
      policy.conditions.push({ 'x-oss-credential': credential }, { 'x-oss-date': stamp }, { 'x-oss-signature-version': 'OSS4-HMAC-SHA256' })
      form.append('policy', Buffer.from(JSON.stringify(policy)).toString('base64'))
      form.append('x-oss-signature-version', 'OSS4-HMAC-SHA256')
      form.append('x-oss-credential', credential)
      form.append('x-oss-date', stamp)
      form.append('x-oss-signature', store.signPostObjectPolicyV4(policy, date))
    } else {
      const signed = store.calculatePostSignature(policy)
      form.append('OSSAccessKeyId', signed.OSSAccessKeyId)
      form.append('policy', signed.policy)
      form.append('Signature', signed.Signature)
    }
    form.append('file', new Blob(['formed']), 'form.txt')
    const res = await fetch(`${env.OSS_ENDPOINT}/${bucket}/`, { method: 'POST', body: form })
    assert.equal(res.status, 204, await res.text())
    assert.equal((await store.get(dir + 'form')).content.toString(), 'formed')
  })
  await run('what is not there is 501', async () => {
    await refused('NotImplemented', () => store.putACL(dir + 'once', 'private'))
    await refused('NotImplemented', () => store.getBucketLifecycle(bucket))
    await refused('NotImplemented', () => store.getBucketCORS(bucket))
    await refused('NotImplemented', () => store.putSymlink(dir + 'link', dir + 'once', {}))
    assert.equal((await store.getACL(dir + 'once')).acl, 'default')
  })
  await run('delete one and several', async () => {
    await store.delete(dir + 'copy')
    await store.delete(dir + 'copy')
    const res = await store.deleteMulti([dir + 'log', dir + 'once', dir + 'none'])
    assert.equal(res.deleted.length, 3)
    await refused('NoSuchKey', () => store.get(dir + 'once'))
    const old = await store.deleteMulti([{ key: dir + 'race', versionId: 'null' }])
    assert.equal(old.res.status, 200)
  })
  await run('a wrong key is refused', async () => {
    const wrong = new OSS({ ...key, accessKeySecret: 'wrong', bucket, region: 'oss-' + region, endpoint: env.OSS_ENDPOINT, ...options })
    await refused('SignatureDoesNotMatch', () => wrong.get(dir + 'big'))
    const nobody = new OSS({ ...key, accessKeyId: 'nobody', bucket, region: 'oss-' + region, endpoint: env.OSS_ENDPOINT, ...options })
    await refused('InvalidAccessKeyId', () => nobody.get(dir + 'big'))
  })
  for (const [how, upload] of [
    ['put', (name, text) => store.put(name, Buffer.from(text))],
    ['multipart upload', async (name, text) => {
      fs.writeFileSync('change.yaml', text)
      const { uploadId } = await store.initMultipartUpload(name)
      const part = await store.uploadPart(name, uploadId, 1, 'change.yaml', 0, text.length)
      await store.completeMultipartUpload(name, uploadId, [{ number: 1, etag: part.etag }])
    }],
  ]) {
    await run(`a change file by ${how} gets its receipt`, async () => {
      const name = `${dir}${how.replace(' ', '-')}.yaml`
      await upload('changes/' + name, `reason: a client's check\nchanges:\n  - {RegionId: ${region}, SslVpnServerId: ${server}, Name: ${client.includes('V4') ? 'v4' : 'v1'}-${how.length}}\n`)
      let receipt = ''
      for (let i = 0; i < 100 && receipt === ''; i++) {
        const [found] = (await store.listV2({ prefix: `receipts/${name}@` })).objects || []
        if (found) receipt = (await store.get(found.name)).content.toString()
        if (receipt === '') await new Promise((r) => setTimeout(r, 100))
      }
      assert.ok(receipt.includes('"changes"') && !receipt.includes('"rejected"'), receipt || 'no receipt after 10 s')
    })
  }
}

// vpcChecks drives the API through call(action, parameters), which gives the reply.
async function vpcChecks(client, call) {
  const run = (name, does) => check(client, name, does)
  const one = { RegionId: region, SslVpnServerId: server }
  // free waits until the gateway is active again.
  const free = async () => {
    for (let i = 0; i < 100; i++) {
      if ((await call('DescribeVpnGateway', { RegionId: region, VpnGatewayId: gateway })).Status === 'active') return
      await new Promise((r) => setTimeout(r, 100))
    }
    throw new Error('the gateway stays busy')
  }
  await run('servers and their filters', async () => {
    const all = await call('DescribeSslVpnServers', { RegionId: region })
    assert.equal(all.TotalCount, 2)
    for (const filter of [{ SslVpnServerId: server }, { VpnGatewayId: gateway }, { Name: all.SslVpnServers.SslVpnServer.find((s) => s.SslVpnServerId === server).Name }]) {
      const res = await call('DescribeSslVpnServers', { RegionId: region, ...filter })
      assert.equal(res.TotalCount, 1, JSON.stringify(filter))
      assert.equal(res.SslVpnServers.SslVpnServer[0].SslVpnServerId, server)
    }
    assert.equal((await call('DescribeSslVpnServers', { RegionId: region, PageSize: 1, PageNumber: 2 })).SslVpnServers.SslVpnServer.length, 1)
  })
  await run('regions', async () => {
    const res = await call('DescribeRegions', {})
    assert.ok(res.Regions.Region.some((r) => r.RegionId === region))
    await refused('InvalidRegionId.NotFound', () => call('DescribeSslVpnServers', { RegionId: 'cn-nowhere' }))
  })
  await run('gateways', async () => {
    const one = await call('DescribeVpnGateway', { RegionId: region, VpnGatewayId: gateway })
    const all = await call('DescribeVpnGateways', { RegionId: region, VpnGatewayId: gateway })
    assert.equal(all.VpnGateways.VpnGateway[0].VpcId, one.VpcId)
    assert.equal(one.SslVpn, 'enable')
    assert.ok(one.CreateTime > 0 && one.ReservationData && one.VSwitchId)
  })
  await run('clients, certificates and logs', async () => {
    const clients = await call('DescribeSslVpnClients', { RegionId: region, VpnGatewayId: env.OFFICE_GATEWAY })
    const certs = await call('DescribeSslVpnClientCerts', { RegionId: region, SslVpnServerId: env.OFFICE })
    const cert = await call('DescribeSslVpnClientCert', { RegionId: region, SslVpnClientCertId: certs.SslVpnClientCertKeys.SslVpnClientCertKey[0].SslVpnClientCertId })
    assert.equal(cert.SslVpnServerId, env.OFFICE)
    assert.ok(clients.ClientInfoList.length > 0)
    const logs = await call('DescribeVpnSslServerLogs', { RegionId: region, VpnSslServerId: env.OFFICE, MinutePeriod: 10 })
    assert.ok(logs.IsCompleted && Array.isArray(logs.Data.Logs))
  })
  await run('a modification, the busy gateway, and its token', async () => {
    await free()
    const want = { ...one, Port: 1195, ClientToken: client + '-1' }
    const first = await call('ModifySslVpnServer', want)
    assert.equal(first.Port, 1195)
    await refused('VpnGateway.Configuring', () => call('ModifySslVpnServer', { ...one, Port: 1196 }))
    assert.equal((await call('ModifySslVpnServer', want)).RequestId, first.RequestId)
    await free()
    await call('ModifySslVpnServer', { ...one, Port: 1194 })
    await free()
  })
  await run('refusals', async () => {
    await refused('IllegalParam.Port', () => call('ModifySslVpnServer', { ...one, Port: 22 }))
    await refused('InvalidSslVpnServerId.NotFound', () => call('ModifySslVpnServer', { RegionId: region, SslVpnServerId: 'vss-none', Port: 1195 }))
    await refused('DryRunOperation', () => call('ModifySslVpnServer', { ...one, Port: 1197, DryRun: true }))
    await refused('InvalidVpnGatewayInstanceId.NotFound', () => call('DescribeVpnGateway', { RegionId: region, VpnGatewayId: 'vpn-none' }))
  })
}

// typed calls the typed client: its members begin with a small letter.
function typed(sdk) {
  const down = (s) => s[0].toLowerCase() + s.slice(1)
  return async (action, params) => {
    const request = new vpc[action + 'Request'](Object.fromEntries(Object.entries(params).map(([k, v]) => [down(k), v])))
    const { body } = await sdk[down(action)](request)
    return body.toMap ? body.toMap() : body
  }
}

async function main() {
  await ossChecks('ali-oss (V1)', {}, async (s, name) => s.signatureUrl(name))
  await ossChecks('ali-oss (V4)', { authorizationV4: true }, (s, name) => s.signatureUrlV4('GET', 60, undefined, name))
  const Client = vpc.default.default || vpc.default
  const sdk = new Client(new Config({ ...key, endpoint: env.VPC_ENDPOINT, protocol: 'http', regionId: region }))
  await vpcChecks('@alicloud/vpc20160428', typed(sdk))
  const rpc = new RPC({ ...key, endpoint: 'http://' + env.VPC_ENDPOINT, apiVersion: '2016-04-28' })
  await vpcChecks('@alicloud/pop-core', (action, params) => rpc.request(action, params, { method: 'POST' }))
}

main().catch((e) => {
  console.error(e)
  process.exit(1)
})
