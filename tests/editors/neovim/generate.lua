-- `:CodingAgent tests` for what was just typed; $KEYS are pressed in the tab that shows them.
local person = require('person')

person.play(function()
  local told, saw, status = person.listen(), {}, {}
  person.settled('coding_agent')
  vim.api.nvim_create_autocmd('LspProgress', {
    callback = function()
      table.insert(status, vim.lsp.status())
    end,
  })
  person.type('ggA  # typed<Esc>')
  person.cursor_on(vim.env.AT)
  vim.cmd((vim.env.RANGE or '') .. 'CodingAgent tests')
  saw.saved = person.on_disk()
  if vim.env.KEYS then
    saw.shown = person.review()
    person.type(vim.env.KEYS)
  end
  saw.told = person.told(told, vim.env.TOLD)
  saw.status, saw.asked, saw.tabs = status, Asked, #vim.api.nvim_list_tabpages()
  saw.name, saw.text = vim.api.nvim_buf_get_name(0), person.text()
  if vim.env.GAPS then
    vim.cmd('silent wall')
    vim.cmd.edit(vim.env.GAPS)
    vim.cmd('CodingAgent gaps')
    saw.gaps = person.eventually('a quickfix list', function()
      local list = vim.fn.getqflist({ title = 1, items = 1, winid = 1 })
      return list.winid ~= 0 and list
    end)
    vim.cmd.cclose()
  end
  vim.cmd('CodingAgent report')
  saw.report = person.text()
  return saw
end)
