--- `:TenonExplain`: what is allowed at the cursor and why, in a float.

local api = vim.api

local M = {}

local COMMAND = "tenon.explain"

--- Ask about the cursor, and about `text` where it is given: would it be refused there, and at
--- which character?
---@param text? string
function M.at_cursor(text)
  local bufnr = api.nvim_get_current_buf()
  local client = vim.lsp.get_clients({ name = "tenon", bufnr = bufnr })[1]
  if not client then
    vim.notify("Tenon: does not serve this buffer", vim.log.levels.WARN)
    return
  end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  client:exec_cmd({
    title = "Explain",
    command = COMMAND,
    arguments = { { textDocument = params.textDocument, position = params.position, text = text } },
  }, { bufnr = bufnr }, function(err, result)
    if err or not result then
      local reason = err and err.message or "there is nothing to say"
      vim.notify("Tenon: " .. reason, vim.log.levels.WARN)
      return
    end
    local lines = vim.split(result.markdown, "\n", { trimempty = true })
    vim.lsp.util.open_floating_preview(lines, "markdown", {
      focus_id = COMMAND,
      max_width = math.min(100, vim.o.columns - 4),
      border = "rounded",
      wrap = true,
    })
  end)
end

return M
