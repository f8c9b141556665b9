-- /etc/haproxy/latchkey-{{ ctx.service }}.lua: authorizes each request with Latchkey.
core.register_action("latchkey-{{ ctx.service }}", { "http-req" }, function(txn)
  local headers = {
    ["authorization"] = { "Bearer {{ ctx.token }}" },
    ["x-forwarded-method"] = { txn.sf:method() },
    ["x-forwarded-proto"] = { txn.sf:ssl_fc() == "1" and "https" or "http" },
    ["x-forwarded-host"] = { txn.sf:req_fhdr("host") },
    ["x-forwarded-uri"] = { txn.sf:pathq() },
    ["x-forwarded-for"] = { txn.sf:src() },
  }
  for _, name in ipairs({ "cookie", "accept", "sec-fetch-mode", "x-requested-with", "upgrade", "dpop", "user-agent" }) do
    local value = txn.sf:req_fhdr(name)
    if value ~= "" then
      headers[name] = { value }
    end
  end

  -- The access token of a program.
  local authorization = txn.sf:req_fhdr("authorization")
  if authorization ~= "" then
    headers["x-original-authorization"] = { authorization }
  end

  local response = core.httpclient():get({
    url = "http://{{ ctx.internal }}/forward-auth",
    headers = headers,
    timeout = 5000,
  })

  local function first(name)
    local values = response.headers and response.headers[name:lower()]
    return values and values[0]
  end

  txn:set_var("txn.latchkey_status", response.status or 0)
  txn:set_var("txn.latchkey_location", first("location") or "")
  txn:set_var("txn.latchkey_challenge", first("www-authenticate") or "")
  txn:set_var("txn.latchkey_nonce", first("dpop-nonce") or "")
  -- (HAProxy would write line breaks as `%0A`.)
  txn:set_var("txn.latchkey_body", ((response.body or ""):gsub("%c+", " ")))
  txn:set_var("txn.latchkey_policy", first("content-security-policy") or "")
  txn:set_var("txn.latchkey_wait", first("retry-after") or "1")
  if response.status ~= 200 then
    return
  end
  -- Forward all cookies except Latchkey's, which {{ ctx.service }} could use to impersonate the user.
  txn.http:req_del_header("cookie")
  if first("cookie") then
    txn.http:req_set_header("cookie", first("cookie"))
  end
  -- The user's identity from Latchkey. Identity headers of the browser were removed before.
  for _, name in ipairs({ {% for header in ctx.identity %}"{{ header.name }}"{% if !loop.last %}, {% endif %}{% endfor %} }) do
    if first(name) then
      txn.http:req_set_header(name, first(name))
    end
  end
end)
