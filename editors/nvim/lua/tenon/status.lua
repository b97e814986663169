--- What the servers say of themselves. Owns the last status of each client, and of the
--- attempt to start one; draws nothing.

local M = {}

---@class tenon.Status
---@field state "starting"|"ready"|"thinking"|"fault"
---@field message string What is being done, or the fault and its cause.

---@type table<integer, tenon.Status>
local by_client = {}
---@type tenon.Status?
local unstarted

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
  M.changed()
  -- Whoever typed while the model was loading gets an answer without typing again.
  if before and before.state == "starting" and status.state == "ready" then
    require("tenon.ghost").request_automatic(client_id)
  end
end

--- A server has gone: for good, or to be started anew.
function M.ended(client_id, code, signal)
  by_client[client_id] = nil
  unstarted = nil
  if code ~= 0 or (signal ~= 0 and signal ~= 15) then
    unstarted = {
      state = "fault",
      message = ("the server ended with code %d, signal %d; see :Tenon log"):format(code, signal),
    }
  end
  vim.schedule(M.changed)
end

--- No server could be started.
---@param message? string Why; nil when one is being started.
function M.not_started(message)
  unstarted = message and { state = "fault", message = message } or nil
  M.changed()
end

--- The status that concerns a buffer; nil where Tenon has nothing to do with it.
---@param bufnr integer
---@return tenon.Status?
function M.of(bufnr)
  for _, client in ipairs(vim.lsp.get_clients({ name = "tenon", bufnr = bufnr })) do
    return by_client[client.id] or { state = "starting", message = "the server is starting" }
  end
  if unstarted and vim.bo[bufnr].filetype == "python" then
    return unstarted
  end
end

return M
