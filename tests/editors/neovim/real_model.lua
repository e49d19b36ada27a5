-- A model that says noise is asked: an explanation that grows, and an answer that is no edit.
local person = require('person')

person.play(function()
  local told, saw, sizes = person.listen(), {}, {}
  person.settled('coding_agent')
  local code = vim.api.nvim_get_current_buf()
  person.cursor_on('def buy')
  vim.cmd('CodingAgent ai-explain')
  saw.explained = person.eventually('an explanation', function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      local buffer = vim.api.nvim_win_get_buf(window)
      local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
      if vim.bo[buffer].filetype == 'markdown' then
        sizes[tostring(#text)] = true
        return text:find('1,500 tokens', 1, true) and text
      end
    end
  end)
  saw.states = #vim.tbl_keys(sizes)
  person.type('q')
  person.cursor_on('def buy')
  vim.cmd('CodingAgent ai-refactor use sum')
  saw.refused = person.told(told, 'did not answer in the form')
  saw.code = table.concat(vim.api.nvim_buf_get_lines(code, 0, -1, false), '\n')
  vim.cmd('CodingAgent ai-status')
  saw.status = person.told(told, 'Today: ')
  return saw
end)
