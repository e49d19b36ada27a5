-- Type into a text whose characters and line ends are easily miscounted, with $LOSE of the servers lost in between.
local person = require('person')

person.play(function()
  local told, saw = person.listen(), {}
  person.finding('eval-used', 'eval(text)')
  local first = person.client('coding_agent').id
  person.type('ggOimport ast  # <Esc>a' .. vim.env.SMILE .. '<Esc>')
  for _ = 1, tonumber(vim.env.LOSE or 0) do
    person.kill()
    person.type('ggOkept = 1<Esc>')
  end
  if vim.env.WANTS then
    saw.gone = person.told(told, vim.env.WANTS)
    saw.clients = #vim.lsp.get_clients()
    person.type('ggOkept = 2<Esc>')
    vim.cmd('CodingAgent restart')
  end
  person.client('coding_agent')
  -- In front of the finding on its own line, and behind everything.
  person.cursor_on('eval(text)')
  person.type('i"' .. vim.env.SMILE .. '", <Esc>')
  person.type('Golast = "' .. vim.env.SMILE .. '"<Esc>u<C-r>')
  saw.found = person.finding('eval-used', 'eval(text)')
  vim.api.nvim_win_set_cursor(0, { saw.found.line + 1, saw.found.column })
  person.take('quickfix', 'literal_eval')
  person.eventually('no finding', function()
    return #person.of('eval-used') == 0
  end)
  vim.cmd('silent write')
  saw.saved = person.on_disk()
  saw.anew = person.client('coding_agent').id ~= first
  saw.servers = #person.servers()
  return saw
end)
