// coerce.mjs FILE: coerces variables by graphql-js. FILE is JSON with `sdl` and
// `groups`, each a query and the texts of variables for it. Prints the version, then a
// line for each text: the coerced values as JSON, or "-" if they are refused.
import { readFileSync } from 'node:fs'
import { buildSchema, getVariableValues, parse, version } from 'graphql'

const { sdl, groups } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const schema = buildSchema(sdl)

// graphql-js takes anything for a scalar that is not built in.
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
schema.getType('DateTime').parseValue = (value) => {
  if (typeof value !== 'string' || !instant.test(value)) throw new TypeError('no DateTime')
  return value
}

const lines = [version]
for (const { query, texts } of groups) {
  const variables = parse(query).definitions[0].variableDefinitions
  for (const text of texts) {
    let line = '-'
    try {
      const { coerced } = getVariableValues(schema, variables, JSON.parse(text))
      if (coerced) line = JSON.stringify(coerced)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
    lines.push(line)
  }
}
process.stdout.write(lines.join('\n') + '\n')
