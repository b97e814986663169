--- What the servers say of themselves. Owns the last status of each client, and what became
--- of the last attempt to start one; draws nothing.

local M = {}

---@class tenon.Status
---@field state "starting"|"ready"|"thinking"|"fault"
---@field message string What is being done, or the fault and its cause.

---@type table<integer, tenon.Status>
local by_client = {}
---@type tenon.Status? Until a server has spoken: that it is starting, or why there is none.
local attempt

--- Let statuslines know.
function M.changed()
  vim.api.nvim_exec_autocmds("User", { pattern = "TenonStatus", modeline = false })
  vim.cmd.redrawstatus({ bang = true })
end

---@param client_id integer
---@param status tenon.Status
function M.report(client_id, status)
  if type(status) ~= "table" or type(status.state) ~= "string" then
    return
  end
  local before = by_client[client_id]
  by_client[client_id] = { state = status.state, message = tostring(status.message or "") }
  attempt = nil
  M.changed()
  -- Whoever typed while the model was loading gets an answer without typing again.
  if status.state == "ready" and (not before or before.state == "starting") then
    require("tenon.ghost").catch_up()
  end
end

--- A server has gone, as it was told to or by itself.
function M.ended(client_id, code, signal)
  by_client[client_id] = nil
  attempt = nil
  if code ~= 0 or (signal ~= 0 and signal ~= 15) then
    attempt = {
      state = "fault",
      message = ("the server ended with code %d, signal %d; see :Tenon log"):format(code, signal),
    }
  end
  vim.schedule(M.changed)
end

--- A server is being started, or cannot be.
---@param fault? string Why it cannot.
function M.attempted(fault)
  attempt = { state = fault and "fault" or "starting", message = fault or "the server is starting" }
  M.changed()
end

--- The status that concerns a buffer; nil where Tenon has nothing to do with it.
---@param bufnr integer
---@return tenon.Status?
function M.of(bufnr)
  for _, client in ipairs(vim.lsp.get_clients({ name = "tenon", bufnr = bufnr })) do
    return by_client[client.id] or { state = "starting", message = "the server is starting" }
  end
  local filetypes = vim.lsp.is_enabled("tenon") and vim.lsp.config.tenon.filetypes or {}
  return vim.list_contains(filetypes, vim.bo[bufnr].filetype) and attempt or nil
end

return M
