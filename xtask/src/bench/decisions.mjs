// Decides the same requests with @cloud-copilot/iam-simulate and prints nanoseconds a decision.
import { readFileSync } from 'node:fs'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const simulations = readFileSync(process.argv[2], 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
  .map(({ request, policies }) => ({
    request: {
      principal: request.principal,
      action: request.action,
      resource: { resource: request.resource, accountId: request.resource_account },
      contextVariables: request.context,
    },
    identityPolicies: policies.identity.map((policy, index) => ({ name: `policy${index}`, policy })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }))

async function decide(milliseconds) {
  const begun = process.hrtime.bigint()
  const end = begun + BigInt(milliseconds) * 1_000_000n
  let decisions = 0n
  while (process.hrtime.bigint() < end) {
    const result = await runSimulation(simulations[Number(decisions % BigInt(simulations.length))], {})
    if (result.resultType === 'error') {
      throw new Error(JSON.stringify(result))
    }
    decisions += 1n
  }
  return (process.hrtime.bigint() - begun) / decisions
}

await decide(500)
console.log(String(await decide(2000)))
