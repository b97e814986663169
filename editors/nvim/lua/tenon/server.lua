--- Which program serves a buffer, and starting it. A workspace is other people's files:
--- no program is ever taken from it, unless the user's own configuration names its full path.

local M = {}

local DEFAULT = { "tenon", "serve" }
local MARKERS = {
  { "pyproject.toml", "setup.cfg", "setup.py", "requirements.txt", "Pipfile", "package.json" },
  { ".git", ".hg" },
}

---@type string[]?
local told

-- The server runs in the plugin's folder. Python looks for modules in the current one
-- when started with `-m`; the workspace must not be that.
local here = vim.fs.dirname(debug.getinfo(1, "S").source:sub(2))
M.folder = vim.fs.dirname(vim.fs.dirname(vim.fs.abspath(here)))

---@param cmd? string[]
function M.use(cmd)
  told = cmd
end

--- The command that is configured: with setup(), or the way of |vim.lsp.config()|.
local function configured()
  local cmd = told or vim.lsp.config.tenon.cmd
  return type(cmd) == "table" and cmd or DEFAULT
end

local function is_absolute(path)
  return path:find("^/") ~= nil or path:find("^%a:/") ~= nil
end

local function real(path)
  return vim.fs.normalize(vim.uv.fs_realpath(path) or path)
end

local function is_inside(path, root)
  if not root or vim.fs.relpath(real(root), real(path)) == nil then
    return false
  end
  -- A home folder under version control is no workspace: people's own programs live there.
  return vim.fs.relpath(real(root), real(vim.uv.os_homedir() or "/")) == nil
end

local function search(name, root)
  local inside
  for _, entry in ipairs(vim.split(vim.env.PATH or "", vim.fn.has("win32") == 1 and ";" or ":")) do
    entry = vim.fs.normalize(entry)
    -- A relative entry would name whatever folder the editor happens to stand in.
    if is_absolute(entry) then
      local path = vim.fn.exepath(vim.fs.joinpath(entry, name))
      if path ~= "" and not is_inside(entry, root) then
        return path
      end
      inside = inside or (path ~= "" and path) or nil
    end
  end
  if inside then
    return nil,
      ("%s is found only inside the workspace, and nothing is run from there; "):format(inside)
        .. "if it is yours, give its full path as `cmd` to setup()"
  end
  return nil, ("no command %q on the PATH; install Tenon or give `cmd` to setup()"):format(name)
end

--- The command with its program as a full path, or nil and why there is none.
---@param root? string The workspace.
---@return string[]? command
---@return string? reason
function M.resolve(root)
  local cmd = configured()
  local program = vim.fs.normalize(cmd[1])
  local path, reason
  if not program:find("/", 1, true) then
    path, reason = search(program, root)
  elseif not is_absolute(program) then
    reason = ("`cmd` names the program by a relative path, %q; give its full path"):format(cmd[1])
  elseif vim.fn.executable(program) == 0 then
    reason = ("there is no program %q"):format(cmd[1])
  else
    path = program
  end
  if path then
    return vim.list_extend({ path }, cmd, 2), nil
  end
  return nil, reason
end

--- A `root_dir` for |vim.lsp.Config|: asks for a server only where one can be started.
---@param bufnr integer
---@param on_dir fun(root?: string)
function M.root(bufnr, on_dir)
  local root = vim.fs.root(bufnr, MARKERS)
  local command, reason = M.resolve(root)
  require("tenon.status").attempted(reason)
  if command then
    on_dir(root)
  else
    vim.notify_once("tenon: " .. reason .. " (:checkhealth tenon)", vim.log.levels.WARN)
  end
end

--- A `cmd` for |vim.lsp.Config|.
function M.start(dispatchers, config)
  local command, reason = M.resolve(config.root_dir)
  if not command then
    error("tenon: " .. reason, 0)
  end
  return vim.lsp.rpc.start(command, dispatchers, { cwd = config.cmd_cwd, env = config.cmd_env })
end

--- What the command says of its version, asked the same way as the server is started.
---@return string? version
---@return string? reason
function M.version()
  local command, reason = M.resolve(vim.fs.root(0, MARKERS))
  if not command then
    return nil, reason
  end
  if command[#command] == "serve" then
    table.remove(command)
  end
  table.insert(command, "--version")
  local ended = vim.system(command, { cwd = M.folder, text = true, timeout = 20000 }):wait()
  if ended.code ~= 0 then
    return nil, ("%s ended with code %d: %s"):format(command[1], ended.code, vim.trim(ended.stderr))
  end
  return vim.trim(ended.stdout)
end

return M
