--- Keys in insert mode. Each acts only while there is something to act on; otherwise the key
--- does what it did before Tenon, another plugin's mapping included.

local api = vim.api

local M = {}

---@type table<string, string|false>
M.defaults = {
  accept = "<Tab>",
  accept_word = "<M-Right>",
  accept_line = "<M-C-Right>",
  next = "<M-]>",
  previous = "<M-[>",
  dismiss = "<C-]>",
  request = "<M-Bslash>",
}

---@type table<string, fun(ghost: table): boolean>
local actions = {
  accept = function(ghost)
    return ghost.accept("whole")
  end,
  accept_word = function(ghost)
    return ghost.accept("word")
  end,
  accept_line = function(ghost)
    return ghost.accept("line")
  end,
  next = function(ghost)
    return ghost.move(1)
  end,
  previous = function(ghost)
    return ghost.move(-1)
  end,
  dismiss = function(ghost)
    return ghost.dismiss()
  end,
  request = function(ghost)
    return ghost.request()
  end,
}

local keys = M.defaults

---@param told? table<string, string|false>|false
function M.use(told)
  if told == false then
    keys = {}
    return
  end
  for action, key in pairs(told or {}) do
    if not actions[action] then
      local names = vim.tbl_keys(actions)
      table.sort(names)
      error(("tenon: keymaps has no %q; there are %s"):format(action, table.concat(names, ", ")), 0)
    end
    if key ~= false and type(key) ~= "string" then
      error(("tenon: keymaps.%s is a key, or false for none"):format(action), 0)
    end
  end
  keys = vim.tbl_extend("force", M.defaults, told or {})
end

local function codes(text)
  return api.nvim_replace_termcodes(text, true, true, true)
end

local function global_mapping(key)
  local raw = codes(key)
  for _, mapping in ipairs(api.nvim_get_keymap("i")) do
    if mapping.lhsraw == raw or mapping.lhsrawalt == raw then
      return mapping
    end
  end
end

--- What `key` does without us, as keys that an <expr> mapping returns.
local function without_us(key, mapping)
  mapping = mapping or global_mapping(key)
  if not mapping then
    return codes(key)
  end
  local rhs = (mapping.rhs or ""):gsub("<SID>", ("<SNR>%d_"):format(mapping.sid))
  local result
  if mapping.expr == 1 then
    if mapping.callback then
      result = mapping.callback() or ""
    else
      result = api.nvim_eval(rhs)
    end
    if mapping.callback == nil or mapping.replace_keycodes == 1 then
      result = mapping.replace_keycodes == 1 and codes(result) or result
    end
  elseif mapping.callback then
    vim.schedule(mapping.callback)
    return ""
  else
    result = codes(rhs)
  end
  -- Ours may not be mapped again, but what the other mapping stands for may have to be.
  api.nvim_feedkeys(result, mapping.noremap == 1 and "ni" or "mi", false)
  return ""
end

--- Map the keys in a buffer, once.
---@param bufnr integer
function M.attach(bufnr)
  if vim.b[bufnr].tenon_keymaps then
    return
  end
  vim.b[bufnr].tenon_keymaps = true
  for action, key in pairs(keys) do
    if key then
      local before
      for _, mapping in ipairs(api.nvim_buf_get_keymap(bufnr, "i")) do
        if mapping.lhsraw == codes(key) then
          before = mapping
        end
      end
      vim.keymap.set("i", key, function()
        if actions[action](require("tenon.ghost")) then
          -- An undo point, so that one `u` takes back no more than the suggestion.
          return action:find("^accept") and codes("<C-g>u") or ""
        end
        return without_us(key, before)
      end, {
        buffer = bufnr,
        expr = true,
        replace_keycodes = false,
        silent = true,
        desc = "Tenon: " .. action:gsub("_", " ") .. " the suggestion",
      })
    end
  end
end

return M
