-- Start the server anew by $COMMAND while the text has changes that are not saved.
local person = require('person')

person.play(function()
  local told, saw = person.listen(), {}
  if vim.fn.exists(':' .. vim.env.COMMAND:match('%a+')) ~= 2 then
    return { missing = vim.env.COMMAND }
  end
  person.finding('eval-used', 'eval(text)')
  local before = person.client('coding_agent')
  person.type('ggO# typed and not saved<Esc>')
  vim.cmd(vim.env.COMMAND)
  saw.anew = person.eventually('another server', function()
    local client = vim.lsp.get_clients({ bufnr = 0, name = 'coding_agent' })[1]
    return client and client.id ~= before.id and client.initialized and before.rpc.is_closing()
  end)
  person.type('Go# typed afterwards<Esc>')
  saw.found = person.finding('eval-used', 'eval(text)')
  saw.text, saw.servers, saw.told = person.text(), person.servers(), told
  return saw
end)
