-- /etc/haproxy/latchkey-{{ ctx.service }}.lua: asks Latchkey about each request before it goes on.
core.register_action("latchkey-{{ ctx.service }}", { "http-req" }, function(txn)
  local headers = {
    ["authorization"] = { "Bearer {{ ctx.token }}" },
    ["x-forwarded-method"] = { txn.sf:method() },
    ["x-forwarded-proto"] = { txn.sf:ssl_fc() == "1" and "https" or "http" },
    ["x-forwarded-host"] = { txn.sf:req_fhdr("host") },
    ["x-forwarded-uri"] = { txn.sf:pathq() },
    ["x-forwarded-for"] = { txn.sf:src() },
  }
  for _, name in ipairs({ "cookie", "accept", "sec-fetch-mode", "x-requested-with", "upgrade" }) do
    local value = txn.sf:req_fhdr(name)
    if value ~= "" then
      headers[name] = { value }
    end
  end

  local answer = core.httpclient():get({
    url = "http://{{ ctx.internal }}/forward-auth",
    headers = headers,
    timeout = 5000,
  })

  local function first(name)
    local values = answer.headers and answer.headers[name:lower()]
    return values and values[0]
  end

  txn:set_var("txn.latchkey_status", answer.status or 0)
  txn:set_var("txn.latchkey_location", first("location") or "")
  -- (HAProxy would write `%0A` for the end of a line.)
  txn:set_var("txn.latchkey_body", ((answer.body or ""):gsub("%c+", " ")))
  txn:set_var("txn.latchkey_policy", first("content-security-policy") or "")
  if answer.status ~= 200 then
    return
  end
  -- The browser's cookies but Latchkey's, with which {{ ctx.service }} could act as the person elsewhere.
  txn.http:req_del_header("cookie")
  if first("cookie") then
    txn.http:req_set_header("cookie", first("cookie"))
  end
  -- Who came, by Latchkey's word. What browsers say of themselves was taken out before.
  for _, name in ipairs({ {% for header in ctx.identity %}"{{ header.name }}"{% if !loop.last %}, {% endif %}{% endfor %} }) do
    if first(name) then
      txn.http:req_set_header(name, first(name))
    end
  end
end)
