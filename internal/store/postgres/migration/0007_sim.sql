-- What operators last said of a number's SIM.
create domain sim_answer as text check (value in ('', 'same', 'swapped'));
alter table bindings
    add column sim    sim_answer not null default '',
    add column sim_at timestamptz;
