-- Generate tests for a function by its code action, accept and save what comes.
local person = require('person')

person.play(function()
  person.settled('coding_agent')
  person.cursor_on(vim.env.AT)
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return action.title:find(vim.env.TITLE, 1, true) ~= nil
    end,
  })
  local shown = person.review()
  person.type('a')
  local buffer = person.eventually('a buffer with tests', function()
    for _, number in ipairs(vim.api.nvim_list_bufs()) do
      local lines = vim.api.nvim_buf_is_loaded(number) and vim.api.nvim_buf_get_lines(number, 0, -1, false) or {}
      if vim.api.nvim_buf_get_name(number):find('test_', 1, true) and table.concat(lines):find('def test_', 1, true) then
        return number
      end
    end
  end)
  local name = vim.api.nvim_buf_get_name(buffer)
  person.eventually('the buffer in a window', function()
    return vim.api.nvim_get_current_buf() == buffer
  end)
  vim.cmd('silent wall')
  local row = vim.api.nvim_win_get_cursor(0)[1]
  return { name = name, text = person.text(), saved = person.on_disk(), row = row, shown = shown, asked = Asked }
end)
