-- Lenses as they are drawn, and what one does.
local person = require('person')

-- Each line that has lenses, from 0, with their text: above it, or behind it in Neovim 0.11.
local function drawn()
  local lines = {}
  for name, namespace in pairs(vim.api.nvim_get_namespaces()) do
    if name:find('codelens', 1, true) then
      for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
        local text = vim.tbl_map(function(chunk)
          return chunk[1]
        end, mark[4].virt_text or mark[4].virt_lines[1])
        table.insert(lines, { line = mark[2], text = table.concat(text) })
      end
    end
  end
  return #lines > 0 and lines
end

person.play(function()
  local told, saw = person.listen(), {}
  person.settled('coding_agent')
  if vim.fn.has('nvim-0.12') == 1 then
    vim.lsp.codelens.enable()
  else
    vim.lsp.codelens.refresh({ bufnr = 0 })
  end
  saw.lenses = person.eventually('lenses', function()
    vim.cmd.redraw()
    return drawn()
  end)
  person.cursor_on(vim.env.AT)
  person.choose('complexity')
  vim.lsp.codelens.run()
  saw.told = person.told(told, 'cognitive complexity')
  return saw
end)
