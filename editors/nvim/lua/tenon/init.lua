--- Tenon for Neovim: what a user's configuration calls. Owns the options and the on/off
--- switch; how a suggestion is drawn and accepted is tenon.ghost's concern.

local M = {}

---@class tenon.Options
---@field cmd? string[] The server's command; default { "tenon", "serve" }.
---@field settings? table The server's settings, sent as `init_options`.
---@field keymaps? table<string, string|false>|false Keys by action; false for none.

local enabled = true

local function drop_empty(settings)
  -- An empty Lua table has no way to say whether it is a list, and a list would be refused.
  local kept = {}
  for name, value in pairs(settings) do
    if type(value) == "table" and not vim.islist(value) then
      value = drop_empty(value)
    end
    if type(value) ~= "table" or next(value) ~= nil then
      kept[name] = value
    end
  end
  return kept
end

local function attach(client, bufnr)
  if not client:supports_method("textDocument/inlineCompletion") then
    return
  end
  require("tenon.ghost").attach(bufnr)
  require("tenon.keymaps").attach(bufnr)
  vim.lsp.inline_completion.enable(true, { bufnr = bufnr })
  if not enabled then
    vim.lsp.inline_completion.enable(false, { client_id = client.id })
  end
end

--- Configure Tenon and start it for the files that it completes.
---@param options? tenon.Options
function M.setup(options)
  if vim.fn.has("nvim-0.12") == 0 then
    vim.notify("tenon needs Neovim 0.12 or newer", vim.log.levels.ERROR)
    return
  end
  options = options or {}
  vim.validate("options", options, "table")
  for name in pairs(options) do
    if not vim.list_contains({ "cmd", "settings", "keymaps" }, name) then
      error(("tenon: setup has no option %q; there are cmd, settings and keymaps"):format(name), 2)
    end
  end
  vim.validate("cmd", options.cmd, function(cmd)
    return vim.islist(cmd) and type(cmd[1]) == "string"
  end, true, "a list: the program and its arguments")
  vim.validate("settings", options.settings, "table", true)

  require("tenon.server").use(options.cmd)
  require("tenon.keymaps").use(options.keymaps)
  vim.lsp.config("tenon", { init_options = drop_empty(options.settings or {}) })

  vim.api.nvim_create_autocmd("LspAttach", {
    group = vim.api.nvim_create_augroup("tenon", { clear = true }),
    desc = "tenon: ghost text and keys in buffers that the server serves",
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == "tenon" then
        attach(client, event.buf)
      end
    end,
  })
  vim.lsp.enable("tenon")
end

--- Switch suggestions on or off; the server keeps running.
---@param on? boolean Default: the other of what is.
---@return boolean on
function M.toggle(on)
  if on == nil then
    on = not enabled
  end
  enabled = on
  for _, client in ipairs(vim.lsp.get_clients({ name = "tenon" })) do
    vim.lsp.inline_completion.enable(on, { client_id = client.id })
  end
  require("tenon.status").changed()
  return on
end

--- Whether suggestions are switched on.
---@return boolean
function M.is_on()
  return enabled
end

--- For a statusline: "", or "Tenon: ready" and the like.
---@return string
function M.status()
  local status = require("tenon.status").of(vim.api.nvim_get_current_buf())
  if not status then
    return ""
  end
  return "Tenon: " .. (enabled and status.state or "off")
end

return M
