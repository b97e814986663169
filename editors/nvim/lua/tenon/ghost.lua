--- The suggestion on the screen: accepting it whole or in part, and keeping it true while
--- text is typed. Stands on |vim.lsp.inline_completion|, which draws it and asks for it.
---
--- Two things Neovim 0.12 leaves to us. An item's range is that of the request: text typed
--- since would stand twice after accepting. And ghost text that no longer continues what was
--- typed stays until the next answer. `fit` settles both. What is needed for it beyond the
--- public interface is reached through `state` alone; where a later Neovim has it no more,
--- accepting still works and ghost text is Neovim's own affair.

local api = vim.api

local M = {}

local namespace = api.nvim_create_namespace("nvim.lsp.inline_completion")

---@param bufnr integer
---@return table? state Neovim's own record of the suggestion in this buffer.
local function state(bufnr)
  local found = vim.tbl_get(vim.lsp, "_capability", "all", "inline_completion", "active", bufnr)
  if found and type(found.show) == "function" and type(found.hide) == "function" then
    return found
  end
end

--- The item as it has to be now: what is typed of it taken away, its range at the cursor.
--- nil where the text before the cursor, or the cursor's place, has left it behind.
local function fit(item, bufnr)
  local text = item.insert_text
  if type(text) ~= "string" or not item.range then
    return item
  end
  local start_row, start_col, end_row, end_col = item.range:to_extmark()
  local row, col = unpack(api.nvim_win_get_cursor(0))
  row = row - 1
  if row < start_row or (row == start_row and col < start_col) then
    return nil
  end
  local got, lines = pcall(api.nvim_buf_get_text, bufnr, start_row, start_col, row, col, {})
  local typed = got and table.concat(lines, "\n")
  if not typed or not vim.startswith(text, typed) or #typed == #text then
    return nil
  end
  if end_row > row or (end_row == row and end_col > col) then
    -- It also replaces text behind the cursor: the range must stay whole.
    return item
  end
  return vim.tbl_extend("force", item, {
    insert_text = text:sub(#typed + 1),
    range = vim.range.extmark(bufnr, row, col, row, col),
  })
end

--- Draw again what still fits, and no more.
local function settle(bufnr)
  local suggestion = state(bufnr)
  if not suggestion or not suggestion.current or api.nvim_get_current_buf() ~= bufnr then
    return
  end
  suggestion.current = fit(suggestion.current, bufnr)
  if suggestion.current then
    suggestion:show()
  else
    suggestion:hide()
  end
end

--- Whether ghost text is shown.
---@param bufnr? integer
---@return boolean
function M.is_shown(bufnr)
  local marks = api.nvim_buf_get_extmarks(bufnr or 0, namespace, 0, -1, { details = true })
  for _, mark in ipairs(marks) do
    local details = mark[4]
    if vim.tbl_get(details, "virt_lines", 1) or vim.tbl_get(details, "virt_text", 1, 1) ~= "" then
      return true
    end
  end
  return false
end

local parts = {
  whole = function(text)
    return text
  end,
  -- A word with what space is before it, or a run of signs.
  word = function(text)
    local space, rest = text:match("^(%s*)(.*)$")
    return space .. (rest:match("^[%w_\128-\255]+") or rest:match("^[^%w_%s\128-\255]*"))
  end,
  -- To the line's end; on from there, the next line.
  line = function(text)
    return text:match("^\n?[^\n]*")
  end,
}

local function insert(bufnr, text)
  local row, col = unpack(api.nvim_win_get_cursor(0))
  local lines = vim.split(text, "\n", { plain = true })
  api.nvim_buf_set_text(bufnr, row - 1, col, row - 1, col, lines)
  api.nvim_win_set_cursor(0, { row + #lines - 1, (#lines == 1 and col or 0) + #lines[#lines] })
end

--- Accept the suggestion, or its first word or line; what is left stays on the screen.
---@param part? "whole"|"word"|"line"
---@return boolean # false where nothing is shown
function M.accept(part)
  local bufnr = api.nvim_get_current_buf()
  if not M.is_shown(bufnr) then
    return false
  end
  return vim.lsp.inline_completion.get({
    bufnr = bufnr,
    on_accept = function(item)
      item = fit(item, bufnr)
      if not item or type(item.insert_text) ~= "string" then
        return item
      end
      local taken = parts[part or "whole"](item.insert_text)
      if taken == item.insert_text or not item.range or not item.range:is_empty() then
        return item
      end
      -- The item's command belongs to the whole text, so a part is put in here, without it.
      insert(bufnr, taken)
      local suggestion = state(bufnr)
      if suggestion then
        suggestion.current = item
        settle(bufnr)
      end
    end,
  })
end

--- Take the suggestion off the screen.
---@return boolean # false where nothing is shown
function M.dismiss()
  if not M.is_shown() then
    return false
  end
  return vim.lsp.inline_completion.get({
    on_accept = function()
      return nil
    end,
  })
end

--- Show another suggestion, where the server sent several.
---@param count integer
---@return boolean # false where nothing is shown
function M.move(count)
  if not M.is_shown() then
    return false
  end
  local bufnr = api.nvim_get_current_buf()
  vim.schedule(function()
    vim.lsp.inline_completion.select({ bufnr = bufnr, count = count })
    settle(bufnr)
  end)
  return true
end

local function ask(bufnr, kind)
  local suggestion = state(bufnr)
  if suggestion and type(suggestion.request) == "function" then
    suggestion:request(kind)
  end
end

--- Ask now, as a key does: the server takes its time for a good answer.
---@return boolean # false where Tenon does not serve the buffer
function M.request()
  local bufnr = api.nvim_get_current_buf()
  if not state(bufnr) then
    return false
  end
  vim.schedule(function()
    ask(bufnr, vim.lsp.protocol.InlineCompletionTriggerKind.Invoked)
  end)
  return true
end

--- Ask for what was typed while nobody listened, if someone is typing.
function M.catch_up()
  if vim.startswith(api.nvim_get_mode().mode, "i") then
    local automatic = vim.lsp.protocol.InlineCompletionTriggerKind.Automatic
    ask(api.nvim_get_current_buf(), automatic)
  end
end

--- Ask again where time had left no answer and the server has one by now.
---@param place { textDocument: { uri: string, version: integer }, position: lsp.Position }
function M.ready(place)
  local document = type(place) == "table" and place.textDocument or {}
  local bufnr = api.nvim_get_current_buf()
  if document.uri ~= vim.uri_from_bufnr(bufnr) or M.is_shown(bufnr) then
    return
  end
  if document.version == vim.lsp.util.buf_versions[bufnr] then
    M.catch_up()
  end
end

--- Look at a client's answers on their way to Neovim.
---@param client vim.lsp.Client
function M.watch_answers(client)
  local request = client.request
  client.request = function(self, method, params, handler, bufnr)
    if method ~= "textDocument/inlineCompletion" or not handler then
      return request(self, method, params, handler, bufnr)
    end
    return request(self, method, params, function(err, result, ctx)
      for _, item in ipairs(result and (result.items or result) or {}) do
        if type(item.insertText) == "string" then
          -- A buffer's lines hold no line ends; a document with CRLF gets an answer with them.
          item.insertText = item.insertText:gsub("\r\n", "\n")
        end
      end
      handler(err, result, ctx)
      if result then
        settle(ctx.bufnr)
      end
    end, bufnr)
  end
end

--- Keep the suggestion true while text is typed in the buffer.
---@param bufnr integer
function M.attach(bufnr)
  api.nvim_create_autocmd({ "CursorMovedI", "TextChangedI", "TextChangedP" }, {
    group = api.nvim_create_augroup("tenon.ghost." .. bufnr, { clear = true }),
    buffer = bufnr,
    desc = "tenon: no ghost text that does not continue what is typed",
    callback = function()
      settle(bufnr)
    end,
  })
  -- Neovim begins to listen in a callback that it schedules after this one.
  vim.schedule(vim.schedule_wrap(M.catch_up))
end

return M
