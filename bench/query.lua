-- wrk: POSTs one TimeStampReq, whose file is named by the environment; counts every reply that is no grant.
local file = assert(io.open(os.getenv("QUORATE_QUERY"), "rb"))
wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["Content-Type"] = "application/timestamp-query"
file:close()

local threads = {}
function setup(thread)
  table.insert(threads, thread)
end

function init()
  refused = 0
end

-- TimeStampResp ::= SEQUENCE { PKIStatusInfo SEQUENCE { INTEGER 0 ... }: a grant starts 30 82 xx xx 30 03 02 01 00
function response(status, headers, body)
  if status ~= 200 or body:byte(9) ~= 0 or #body < 500 then
    refused = refused + 1
  end
end

function done(summary, latency, requests)
  local total = 0
  for _, thread in ipairs(threads) do
    total = total + thread:get("refused")
  end
  io.write(string.format("result tokens_per_s=%.0f p50_us=%d p90_us=%d p99_us=%d p999_us=%d requests=%d refused=%d errors=%d\n",
    summary.requests / (summary.duration / 1e6), latency:percentile(50), latency:percentile(90),
    latency:percentile(99), latency:percentile(99.9), summary.requests, total,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout))
end
