-- /etc/haproxy/latchkey-{{ service }}.lua: asks Latchkey about each request before it goes on.
core.register_action("latchkey-{{ service }}", { "http-req" }, function(txn)
  local function header(name)
    return { txn.sf:req_fhdr(name) }
  end

  local answer = core.httpclient():get({
    url = "http://{{ internal }}/forward-auth",
    timeout = 5000,
    headers = {
      ["authorization"] = { "Bearer {{ token }}" },
      ["x-forwarded-method"] = { txn.sf:method() },
      ["x-forwarded-proto"] = { txn.sf:ssl_fc() == "1" and "https" or "http" },
      ["x-forwarded-host"] = header("host"),
      ["x-forwarded-uri"] = { txn.sf:pathq() },
      ["x-forwarded-for"] = { txn.sf:src() },
      ["cookie"] = header("cookie"),
      ["accept"] = header("accept"),
      ["sec-fetch-mode"] = header("sec-fetch-mode"),
      ["x-requested-with"] = header("x-requested-with"),
    },
  })

  local function first(name)
    local values = answer.headers and answer.headers[name]
    return values and (values[0] or values[1])
  end

  txn:set_var("txn.latchkey_status", answer.status or 0)
  txn:set_var("txn.latchkey_location", first("location") or "")
  -- Who came, by Latchkey's word. What browsers say of themselves was taken out before.
  for _, name in ipairs({ {{ quoted }} }) do
    if answer.status == 200 and first(name) then
      txn.http:req_set_header(name, first(name))
    end
  end
end)
