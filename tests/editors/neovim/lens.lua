-- Lenses as they are drawn, and what one does.
local person = require('person')

local function drawn()
  local lines = {}
  for name, namespace in pairs(vim.api.nvim_get_namespaces()) do
    if name:find('codelens', 1, true) then
      for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
        for _, chunks in ipairs(mark[4].virt_lines or {}) do
          local text = {}
          for _, chunk in ipairs(chunks) do
            table.insert(text, chunk[1])
          end
          table.insert(lines, { line = mark[2], text = table.concat(text) })
        end
      end
    end
  end
  return #lines > 0 and lines
end

person.play(function()
  local told, saw = person.listen(), {}
  person.settled('coding_agent')
  vim.lsp.codelens.enable()
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
