-- Questions about the code: search, similar code, and an explanation.
local person = require('person')

-- The quickfix list of a title, once it is shown.
local function listed(title)
  return person.eventually(title, function()
    local list = vim.fn.getqflist({ title = 1, items = 1, winid = 1 })
    return list.winid ~= 0 and vim.startswith(list.title, title) and list
  end)
end

person.play(function()
  local told, saw = person.listen(), {}
  person.settled('coding_agent')
  saw.search = person.eventually('the index', function()
    vim.cmd('CodingAgent search money from a card')
    local list = listed('Search the Code')
    return #list.items > 0 and list
  end)
  saw.opened = vim.fn.bufname(saw.search.items[1].bufnr)
  vim.cmd.cclose()
  person.cursor_on(vim.env.AT)
  vim.cmd('CodingAgent similar')
  saw.similar = listed('Show Similar Code')
  vim.cmd.cclose()
  vim.cmd('CodingAgent search kind:class xyzzy')
  saw.nothing = person.told(told, 'Nothing answers')
  vim.cmd('CodingAgent explain')
  saw.page = person.eventually('an explanation', function()
    return vim.bo.filetype == 'markdown' and vim.api.nvim_buf_get_lines(0, 0, -1, false)
  end)
  person.type('q')
  saw.back = vim.bo.filetype
  return saw
end)
