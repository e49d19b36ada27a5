-- A model is asked: an explanation as it comes, one that is stopped, a preview, remarks, the message of a commit.
local person = require('person')

local function shown(words)
  return person.eventually(words, function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      local buffer = vim.api.nvim_win_get_buf(window)
      local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
      if vim.bo[buffer].filetype == 'markdown' and text:find(words, 1, true) then
        return text
      end
    end
  end)
end

-- Let the test outside know how far it is, and wait until it has gone on.
local function step(name)
  vim.fn.writefile({}, vim.env.STEPS .. '/' .. name)
  person.eventually(name, function()
    return vim.uv.fs_stat(vim.env.STEPS .. '/' .. name .. '-done')
  end)
end

person.play(function()
  local told, saw = person.listen(), {}
  person.settled('coding_agent')
  local code = vim.api.nvim_get_current_buf()
  person.cursor_on('def buy')

  vim.cmd('CodingAgent ai-preview')
  saw.preview = shown('What would be sent')
  step('previewed')
  person.type('q')

  vim.cmd('CodingAgent ai-explain')
  shown('The price of each item')
  person.type('q')
  step('closed')
  saw.after_closing = vim.deepcopy(told)

  vim.cmd('CodingAgent ai-explain')
  saw.begun = shown('that is')
  step('begun')
  saw.explained = shown('tokens')
  saw.writable = vim.bo.modifiable
  person.type('q')
  saw.back = vim.api.nvim_get_current_buf() == code

  vim.cmd('CodingAgent ai-review')
  saw.remarks = person.eventually('a quickfix list', function()
    local list = vim.fn.getqflist({ title = 1, items = 1, winid = 1 })
    return list.winid ~= 0 and #list.items > 0 and list
  end)
  vim.cmd.cclose()
  local function remarked()
    return vim.tbl_filter(function(each)
      return each.source == 'coding-agent ai'
    end, vim.diagnostic.get(code))
  end
  saw.diagnostics = person.eventually('a diagnostic', function()
    return #remarked() > 0 and remarked()
  end)
  vim.cmd('CodingAgent ai-dismiss')
  person.eventually('none', function()
    return #remarked() == 0
  end)

  vim.cmd('CodingAgent ai-commit')
  saw.message = person.eventually('a message', function()
    return vim.bo.filetype == 'gitcommit' and person.text()
  end)
  vim.cmd.close()
  for name, lines in pairs({ fresh = { '', '# Please enter' }, typed = { 'Mine', '# Please enter' } }) do
    vim.cmd.new()
    vim.bo.filetype, vim.bo.buftype = 'gitcommit', 'nofile'
    vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
    local asked, windows = vim.api.nvim_get_current_buf(), #vim.api.nvim_list_wins()
    vim.cmd('CodingAgent ai-commit')
    person.eventually('a message', function()
      return vim.api.nvim_buf_line_count(asked) > 2 or #vim.api.nvim_list_wins() > windows
    end)
    saw[name] = vim.api.nvim_buf_get_lines(asked, 0, -1, false)
    vim.cmd('silent only')
    vim.api.nvim_win_set_buf(0, code)
  end

  person.cursor_on('def buy')
  vim.cmd('CodingAgent ai-refactor use sum')
  person.review()
  person.type('a')
  saw.refactored = person.eventually('the edit', function()
    local text = table.concat(vim.api.nvim_buf_get_lines(code, 0, -1, false), '\n')
    return text:find('pay(card, sum(', 1, true) and text
  end)
  vim.cmd('CodingAgent ai-status')
  saw.status = person.told(told, 'Today: ')
  vim.cmd('silent wall')
  vim.cmd.edit('bag.py')
  local bag = vim.api.nvim_get_current_buf()
  person.eventually('a server', function()
    return #vim.lsp.get_clients({ bufnr = bag, name = 'coding_agent' }) > 0
  end)
  person.cursor_on('def unique')
  vim.cmd('CodingAgent ai-tests')
  saw.tested = person.review()
  person.type('a')
  saw.tests = person.eventually('the tests', function()
    local text = vim.fs.basename(vim.api.nvim_buf_get_name(0)) == 'test_bag.py' and person.text() or ''
    return text:find('test_what_comes_twice', 1, true) and text
  end)
  vim.cmd('silent wall')
  vim.cmd.buffer(bag)
  person.cursor_on('def unique')
  vim.cmd('CodingAgent ai-optimise')
  saw.shown = person.review()
  person.type('a')
  saw.faster = person.eventually('the faster function', function()
    local text = table.concat(vim.api.nvim_buf_get_lines(bag, 0, -1, false), '\n')
    return text:find('dict.fromkeys', 1, true) and text .. '\n'
  end)
  saw.told = told
  return saw
end)
