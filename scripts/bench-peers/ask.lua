-- For wrk: POSTs one document. Environment: BODY, the body, in which @VALUE@ stands for a
-- line of the file VALUES and TOKEN is the Authorization header; with TOKENS each request
-- takes a line of that file. IN_TURN takes the values in turn, else any one each time.
-- An answer counts as an error by its status, or by having "errors" in it. Prints one line
-- of JSON at the end.
local function lines(name)
  local list = {}
  if os.getenv(name) then
    for line in io.lines(os.getenv(name)) do list[#list + 1] = line end
  end
  return list
end

local values, tokens = lines("VALUES"), lines("TOKENS")
local body, in_turn = os.getenv("BODY"), os.getenv("IN_TURN")
local before, after = body:match("^(.-)@VALUE@(.*)$")
local headers = { ["Content-Type"] = "application/json", ["Authorization"] = os.getenv("TOKEN") }
local fixed, nth = nil, 0
failed = 0
math.randomseed(tonumber(os.getenv("SEED")))

local threads = {}
function setup(thread) threads[#threads + 1] = thread end

function request()
  if #tokens > 0 then
    headers["Authorization"] = tokens[math.random(#tokens)]
  elseif fixed then
    return fixed
  end
  local text = body
  if before then
    nth = nth % #values + 1
    text = before .. values[in_turn and nth or math.random(#values)] .. after
  end
  local made = wrk.format("POST", nil, headers, text)
  if not before and #tokens == 0 then fixed = made end
  return made
end

function response(status, _, answer)
  if status ~= 200 or answer:find('"errors":', 1, true) then failed = failed + 1 end
end

function done(summary, latency)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.timeout
  for _, thread in ipairs(threads) do errors = errors + thread:get("failed") end
  io.write(string.format('\n{"requests": %d, "us": %d, "bytes": %d, "p50": %d, "p99": %d, "errors": %d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99), errors))
end
